//! Runs probes in parallel, each with a deadline. One that hangs or fails costs its own facts and nothing else.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use model::recording::{Entry, Outcome};

use crate::{recorder::Recorder, source::Source};

/// What a probe does; it may find that there is more to look at.
pub type Work = Box<dyn FnOnce(&mut Recorder) -> Vec<Probe> + Send>;

/// One thing to look at.
pub struct Probe {
    /// Its name in the recording.
    pub name: String,
    /// What it does.
    pub work: Work,
}

impl Probe {
    /// A probe that finds nothing more to look at.
    pub fn new(name: impl Into<String>, work: impl FnOnce(&mut Recorder) + Send + 'static) -> Self {
        Self::leading(name, |recorder| {
            work(recorder);
            vec![]
        })
    }

    /// A probe that may find more to look at.
    pub fn leading(
        name: impl Into<String>,
        work: impl FnOnce(&mut Recorder) -> Vec<Self> + Send + 'static,
    ) -> Self {
        Self { name: name.into(), work: Box::new(work) }
    }
}

/// How the names of probes begin that read what a domain names.
const NAMED: [&str; 2] = ["image", "emulators"];

/// What the probes read, and what became of them.
#[derive(Default)]
pub struct Gathered {
    /// Everything read, by key.
    pub entries: BTreeMap<String, Entry>,
    /// What became of each probe.
    pub outcomes: BTreeMap<String, Outcome>,
}

/// What one probe read under a key.
struct Reading {
    key: String,
    entry: Entry,
    /// The probe is one of [`NAMED`].
    named: bool,
}

impl Reading {
    fn of(probe: &str, key: String, entry: Entry) -> Self {
        Self { key, entry, named: NAMED.iter().any(|beginning| probe.starts_with(beginning)) }
    }
}

/// Joins what the probes read, in the order they ended. A domain may name any path as its disk or emulator, so what was
/// read under such a name never takes the place of what another probe read there, whichever of the two came first. Done
/// once for all, by a sort: each probe's part is sorted already.
fn join(mut readings: Vec<Reading>) -> BTreeMap<String, Entry> {
    readings.sort_by(|a, b| a.key.cmp(&b.key));
    readings.dedup_by(|next, kept| {
        let same = next.key == kept.key;
        // Of two that are named, the one that has bytes; of two that are not, the later.
        if same && (!next.named || (kept.named && kept.entry.body.bytes().is_none())) {
            std::mem::swap(next, kept);
        }
        same
    });
    readings.into_iter().map(|reading| (reading.key, reading.entry)).collect()
}

/// What the workers and the one who waits for them share. Each probe costs one lock before and one after it, and wakes
/// nobody: a host with ten thousand VMs has twenty thousand probes.
#[derive(Default)]
struct State {
    waiting: VecDeque<(usize, Probe)>,
    running: BTreeMap<usize, (String, Instant)>,
    readings: Vec<Reading>,
    outcomes: BTreeMap<String, Outcome>,
    total: usize,
    done: usize,
    /// Workers that wait for a probe.
    idle: usize,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// There are probes to take, or there will be none any more.
    work: Condvar,
    /// Every probe is done.
    finished: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enqueue(&self, state: &mut State, probes: Vec<Probe>) {
        for probe in probes {
            state.waiting.push_back((state.total, probe));
            state.total += 1;
        }
        if state.idle > 0 && !state.waiting.is_empty() {
            self.work.notify_all();
        }
    }

    /// The next probe, once there is one; `None` once there will be none.
    fn take(&self) -> Option<(usize, Probe)> {
        let mut state = self.lock();
        loop {
            if let Some((number, probe)) = state.waiting.pop_front() {
                state.running.insert(number, (probe.name.clone(), Instant::now()));
                return Some((number, probe));
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// Takes down what a probe read. One that was given up has nothing to say any more: its outcome stands.
    fn put(&self, number: usize, entries: BTreeMap<String, Entry>, more: Vec<Probe>) {
        let mut state = self.lock();
        let Some((name, _)) = state.running.remove(&number) else { return };
        state.readings.extend(entries.into_iter().map(|(key, entry)| Reading::of(&name, key, entry)));
        state.outcomes.insert(name, Outcome::Done);
        self.enqueue(&mut state, more);
        state.done += 1;
        if state.done == state.total {
            self.finished.notify_all();
        }
    }
}

/// How often `progress` hears something while probes run.
const PACE: Duration = Duration::from_millis(50);

/// Runs probes, and those they lead to, on `workers` threads. A probe that takes longer than `deadline` is left behind
/// with its thread, another thread takes its place, and its outcome says so. `progress` hears how many are done, of how
/// many: at the start, at the end, and every 50 ms between.
pub fn run(
    source: &Arc<dyn Source>,
    probes: Vec<Probe>,
    workers: usize,
    deadline: Duration,
    mut progress: impl FnMut(usize, usize),
) -> Gathered {
    let shared = Arc::new(Shared::default());
    progress(0, probes.len());
    shared.enqueue(&mut shared.lock(), probes);
    for _ in 0..workers.max(1) {
        spawn(source, &shared);
    }
    let mut state = shared.lock();
    while state.done < state.total {
        let (done, total) = (state.done, state.total);
        // Not under the lock: a terminal that is stopped must not stop the probes.
        drop(state);
        progress(done, total);
        state = shared.lock();
        if state.done == state.total {
            break;
        }
        let next = state.running.values().map(|(_, since)| *since + deadline).min();
        let wait = next.map_or(PACE, |at| at.saturating_duration_since(Instant::now()).min(PACE));
        state = shared.finished.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        for _ in 0..give_up(&mut state, deadline) {
            spawn(source, &shared);
        }
    }
    state.closed = true;
    shared.work.notify_all();
    let (readings, outcomes) = (std::mem::take(&mut state.readings), std::mem::take(&mut state.outcomes));
    let total = state.total;
    drop(state);
    progress(total, total);
    Gathered { entries: join(readings), outcomes }
}

/// Ends the wait for probes that are late; how many there were.
fn give_up(state: &mut State, deadline: Duration) -> usize {
    let now = Instant::now();
    let late = |(_, (_, since)): &(&usize, &(String, Instant))| now >= *since + deadline;
    let late: Vec<usize> = state.running.iter().filter(late).map(|(number, _)| *number).collect();
    let limit = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    for (name, _) in late.iter().filter_map(|number| state.running.remove(number)) {
        state.outcomes.insert(name, Outcome::TimedOut(limit));
        state.done += 1;
    }
    late.len()
}

fn spawn(source: &Arc<dyn Source>, shared: &Arc<Shared>) {
    let (source, shared) = (Arc::clone(source), Arc::clone(shared));
    thread::spawn(move || {
        while let Some((number, probe)) = shared.take() {
            let mut recorder = Recorder::new(source.as_ref());
            let more = (probe.work)(&mut recorder);
            shared.put(number, recorder.entries, more);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;
    use model::recording::Body;

    fn source() -> Arc<dyn Source> {
        let mut memory = Memory::default();
        let entry = Entry { stat: None, body: Body::Text("x\n".into()) };
        memory.entries.insert("etc/a".into(), entry);
        Arc::new(memory)
    }

    #[test]
    fn a_probe_that_hangs_costs_its_own_facts_alone() {
        let hang = |recorder: &mut Recorder| {
            recorder.file("etc/lost");
            thread::sleep(Duration::from_secs(60));
        };
        let mut probes = vec![Probe::new("hangs", hang)];
        probes.extend((0..20).map(|number| {
            Probe::new(format!("reads-{number}"), move |recorder: &mut Recorder| {
                recorder.file(if number % 2 == 0 { "etc/a" } else { "etc/b" });
            })
        }));
        let gathered = run(&source(), probes, 1, Duration::from_millis(100), |_, _| ());
        assert_eq!(gathered.outcomes["hangs"], Outcome::TimedOut(100));
        assert_eq!(gathered.outcomes.values().filter(|outcome| **outcome == Outcome::Done).count(), 20);
        assert!(gathered.entries.contains_key("etc/a") && !gathered.entries.contains_key("etc/lost"));
    }

    #[test]
    fn what_a_domain_names_never_takes_the_place_of_what_others_read() {
        let entry = |text: &str| Entry { stat: None, body: Body::Text(text.into()) };
        let reading = |key: &str, entry: Entry, probe: &str| Reading::of(probe, key.into(), entry);
        let inode = Entry { stat: None, body: Body::StatOnly };
        for order in
            [["image/etc/a", "conf"], ["conf", "image/etc/a"], ["conf", "emulators"], ["emulators", "conf"]]
        {
            let mut readings: Vec<_> = order.map(|probe| reading("etc/a", entry(probe), probe)).into();
            readings.push(reading("etc/a", inode.clone(), "image-directories"));
            assert_eq!(join(readings)["etc/a"], entry("conf"), "{order:?}");
        }
        let later = ["conf", "conf/again"].map(|probe| reading("etc/a", entry(probe), probe));
        assert_eq!(join(later.into())["etc/a"], entry("conf/again"));
        let named = [
            reading("etc/a", inode, "image-directories"),
            reading("etc/a", entry("head"), "image/etc/a"),
            reading("etc/a", entry("head again"), "image/etc/b"),
        ];
        assert_eq!(join(named.into())["etc/a"], entry("head"));
    }

    #[test]
    fn a_probe_leads_to_others() {
        let first = Probe::leading("first", |_: &mut Recorder| {
            vec![Probe::new("second", |recorder: &mut Recorder| drop(recorder.text("etc/a")))]
        });
        let mut heard = vec![];
        let gathered =
            run(&source(), vec![first], 3, Duration::from_secs(30), |done, of| heard.push((done, of)));
        assert_eq!(gathered.outcomes.len(), 2);
        assert!(gathered.entries.contains_key("etc/a"));
        assert_eq!((heard.first(), heard.last()), (Some(&(0, 1)), Some(&(2, 2))), "{heard:?}");
    }
}
