//! Runs probes in parallel, each with a deadline. One that hangs or fails costs its own facts and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
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
    /// Keys that only probes of [`NAMED`] read.
    weak: BTreeSet<String>,
}

impl Gathered {
    /// Adds what a probe read. A domain may name any path as its disk or emulator, so what was read under such a name never
    /// takes the place of what another probe read there, whichever of the two came first.
    fn add(&mut self, probe: &str, entries: BTreeMap<String, Entry>) {
        let named = NAMED.iter().any(|beginning| probe.starts_with(beginning));
        for (key, entry) in entries {
            let weak = self.weak.contains(&key);
            match self.entries.get_mut(&key) {
                // Of two that are named, the one that has bytes.
                Some(before) if named && (!weak || before.body.bytes().is_some()) => {}
                Some(before) => *before = entry,
                None => {
                    if named {
                        self.weak.insert(key.clone());
                    }
                    self.entries.insert(key, entry);
                    continue;
                }
            }
            if !named {
                self.weak.remove(&key);
            }
        }
    }
}

struct Queue {
    waiting: Mutex<(VecDeque<(usize, Probe)>, bool)>,
    changed: Condvar,
}

enum Report {
    Started(usize, String),
    Done(usize, BTreeMap<String, Entry>, Vec<Probe>),
}

/// Runs probes, and those they lead to, on `workers` threads. A probe that takes longer than `deadline` is left behind
/// with its thread, another thread takes its place, and its outcome says so. `progress` hears how many are done, of how many.
pub fn run(
    source: &Arc<dyn Source>,
    probes: Vec<Probe>,
    workers: usize,
    deadline: Duration,
    mut progress: impl FnMut(usize, usize),
) -> Gathered {
    let queue = Arc::new(Queue { waiting: Mutex::default(), changed: Condvar::new() });
    let (sender, reports) = mpsc::channel();
    let (mut total, mut done) = (0, 0);
    enqueue(&queue, &mut total, probes);
    for _ in 0..workers.max(1) {
        spawn(source, &queue, &sender);
    }
    let mut gathered = Gathered::default();
    let mut running: BTreeMap<usize, (String, Instant)> = BTreeMap::new();
    while done < total {
        progress(done, total);
        let next = running.values().map(|(_, since)| *since + deadline).min();
        let wait = next.map_or(deadline, |at| at.saturating_duration_since(Instant::now()));
        match reports.recv_timeout(wait) {
            Ok(Report::Started(number, name)) => drop(running.insert(number, (name, Instant::now()))),
            Ok(Report::Done(number, entries, more)) => {
                // A probe that was given up has nothing to say any more: its outcome stands.
                if let Some((name, _)) = running.remove(&number) {
                    gathered.add(&name, entries);
                    gathered.outcomes.insert(name, Outcome::Done);
                    enqueue(&queue, &mut total, more);
                    done += 1;
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                let now = Instant::now();
                let late = |(_, (_, since)): &(&usize, &(String, Instant))| now >= *since + deadline;
                let late: Vec<usize> = running.iter().filter(late).map(|(number, _)| *number).collect();
                for (name, _) in late.iter().filter_map(|number| running.remove(number)) {
                    let limit = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
                    gathered.outcomes.insert(name, Outcome::TimedOut(limit));
                    done += 1;
                    spawn(source, &queue, &sender);
                }
            }
            // This function holds a sender, so the channel cannot close.
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    lock(&queue).1 = true;
    queue.changed.notify_all();
    gathered
}

fn lock(queue: &Queue) -> MutexGuard<'_, (VecDeque<(usize, Probe)>, bool)> {
    queue.waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

fn enqueue(queue: &Queue, total: &mut usize, probes: Vec<Probe>) {
    let mut waiting = lock(queue);
    for probe in probes {
        waiting.0.push_back((*total, probe));
        *total += 1;
    }
    drop(waiting);
    queue.changed.notify_all();
}

fn spawn(source: &Arc<dyn Source>, queue: &Arc<Queue>, sender: &Sender<Report>) {
    let (source, queue, sender) = (Arc::clone(source), Arc::clone(queue), sender.clone());
    thread::spawn(move || {
        while let Some((number, probe)) = take(&queue) {
            // Where nobody listens any more there is nothing left to do.
            if sender.send(Report::Started(number, probe.name)).is_err() {
                return;
            }
            let mut recorder = Recorder::new(source.as_ref());
            let more = (probe.work)(&mut recorder);
            if sender.send(Report::Done(number, recorder.entries, more)).is_err() {
                return;
            }
        }
    });
}

fn take(queue: &Queue) -> Option<(usize, Probe)> {
    let mut waiting = lock(queue);
    loop {
        if let Some(probe) = waiting.0.pop_front() {
            return Some(probe);
        }
        if waiting.1 {
            return None;
        }
        waiting = queue.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
    }
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
        let one = |text: &str| BTreeMap::from([("etc/a".to_owned(), entry(text))]);
        let inode = BTreeMap::from([("etc/a".to_owned(), Entry { stat: None, body: Body::StatOnly })]);
        for order in
            [["image/etc/a", "conf"], ["conf", "image/etc/a"], ["conf", "emulators"], ["emulators", "conf"]]
        {
            let mut gathered = Gathered::default();
            order.iter().for_each(|probe| gathered.add(probe, one(probe)));
            gathered.add("image-directories", inode.clone());
            assert_eq!(gathered.entries["etc/a"], entry("conf"), "{order:?}");
        }
        let mut gathered = Gathered::default();
        gathered.add("image-directories", inode);
        gathered.add("image/etc/a", one("head"));
        gathered.add("image/etc/b", one("head again"));
        assert_eq!(gathered.entries["etc/a"], entry("head"));
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
        assert!(heard.contains(&(1, 2)), "{heard:?}");
    }
}
