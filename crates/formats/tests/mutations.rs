//! The bodies of the fuzz targets over mutations of good input: the same inputs on every run, a few seconds in all.

use std::{panic, time::Instant};

use testkit::bodies::{self, mutate};

/// Mutations of each body but the heavy ones.
const ROUNDS: usize = 600;

#[test]
fn good_input_is_taken_and_mutations_do_no_harm() {
    let mut harmed = vec![];
    for (number, (name, body)) in bodies::ALL.iter().enumerate() {
        let seeds = bodies::seeds(name);
        assert!(!seeds.is_empty(), "{name}: no good input to begin with");
        let mut random = mutate::Random::new(0x5eed + number as u64);
        let rounds = match *name {
            // A whole machine is collected for each.
            "recording" => ROUNDS / 20,
            // Every key is looked for, and an edit is made.
            "conf_libvirt" => ROUNDS / 8,
            _ => ROUNDS,
        };
        let start = Instant::now();
        for round in 0..rounds {
            let bytes = match seeds.get(round) {
                Some(seed) => seed.clone(),
                None => mutate::mutated(&seeds, &mut random),
            };
            let harm = panic::catch_unwind(|| body(&bytes));
            if harm.is_err() {
                harmed.push(format!("{name}, round {round}: b\"{}\"", bytes.escape_ascii()));
                break;
            }
        }
        println!("{name}: {rounds} in {:?}", start.elapsed());
    }
    assert!(harmed.is_empty(), "{}", harmed.join("\n"));
}
