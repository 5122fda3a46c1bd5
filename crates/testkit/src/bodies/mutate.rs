//! Mutations of good input, the same on every run.

/// Pieces that parsers stumble over.
const PIECES: [&[u8]; 24] = [
    b"=",
    b"\"",
    b"'",
    b"[",
    b"]",
    b"{",
    b"}",
    b"<",
    b">",
    b"</",
    b"&#0;",
    b"\0",
    b"\n",
    b"\r\n",
    b"#",
    b"\\",
    b",",
    b":",
    b"-1",
    b"18446744073709551615",
    b"\xff\xff\xff\xff",
    b"\xc3",
    b"\xe2\x80\xae",
    b"]]>",
];
/// Longest mutated input, in bytes.
const LONGEST: usize = 64 << 10;

/// A source of numbers (xorshift64*, Vigna 2016).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Begins at a seed other than 0.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// A number below `end`; 0 where that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap_or(0).checked_rem(end).unwrap_or(0)
    }
}

/// One of the inputs with one to eight changes.
pub fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds.get(random.below(seeds.len())).cloned().unwrap_or_default();
    for _ in 0..1 + random.below(8) {
        change(&mut bytes, seeds, random);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(40)).min(bytes.len());
    let piece = PIECES.get(random.below(PIECES.len())).copied().unwrap_or_default();
    match random.below(9) {
        0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random.below(8)),
        1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = random.below(256).to_le_bytes()[0]),
        2 => drop(bytes.splice(at..at, piece.iter().copied())),
        3 => drop(bytes.splice(at..end, piece.iter().copied())),
        4 => drop(bytes.drain(at..end)),
        5 => bytes.truncate(at),
        6 => {
            let part = bytes.get(at..end).unwrap_or_default().repeat(1 + random.below(60));
            bytes.splice(at..at, part);
        }
        7 => {
            let other = seeds.get(random.below(seeds.len())).cloned().unwrap_or_default();
            let from = random.below(other.len());
            bytes.splice(at..end, other.into_iter().skip(from).take(random.below(200)));
        }
        _ => {
            let word = [0, 1, 0x7f, 0x80, 0xff].get(random.below(5)).copied().unwrap_or(0);
            bytes.iter_mut().skip(at & !3).take(4).for_each(|byte| *byte = word);
        }
    }
}
