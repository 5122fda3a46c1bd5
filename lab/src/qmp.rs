//! QEMU's monitor (QMP, `docs/interop/qmp-spec.txt`): a line of JSON each way. Every wait is bounded.
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(20);
/// For one answer.
const ANSWER: Duration = Duration::from_secs(60);

/// A connection to one QEMU.
#[derive(Debug)]
pub struct Monitor {
    lines: BufReader<UnixStream>,
}

/// Connects to a socket that may not be there yet. `alive` says whether it can still come.
///
/// # Errors
/// It didn't come in time, or `alive` gave an error.
pub fn connect(socket: &Path, until: Instant, alive: &mut dyn FnMut() -> Result<()>) -> Result<UnixStream> {
    loop {
        match UnixStream::connect(socket) {
            Ok(stream) => return Ok(stream),
            Err(why) if Instant::now() > until => {
                return Err(why).with_context(|| format!("{} didn't come", socket.display()));
            }
            Err(_) => alive()?,
        }
        sleep(POLL);
    }
}

impl Monitor {
    /// Greets QEMU.
    ///
    /// # Errors
    /// QEMU doesn't answer as it should within a minute.
    pub fn new(stream: UnixStream) -> Result<Self> {
        stream.set_read_timeout(Some(ANSWER))?;
        let mut monitor = Monitor { lines: BufReader::new(stream) };
        monitor.line()?;
        monitor.ask("qmp_capabilities", json!({}))?;
        Ok(monitor)
    }

    /// Runs one command; what it returns.
    ///
    /// # Errors
    /// QEMU refuses (its words are in the error), is gone, or is silent for a minute.
    pub fn ask(&mut self, command: &str, arguments: Value) -> Result<Value> {
        let text = json!({ "execute": command, "arguments": arguments }).to_string();
        self.lines.get_mut().write_all(format!("{text}\n").as_bytes()).with_context(|| command.to_owned())?;
        loop {
            let answer = self.line().with_context(|| command.to_owned())?;
            if let Some(error) = answer.get("error") {
                bail!("{command}: {}", error.get("desc").and_then(Value::as_str).unwrap_or("refused"));
            }
            if let Some(value) = answer.get("return") {
                return Ok(value.clone());
            }
        }
    }

    /// `quit`; QEMU may be gone before it answers.
    pub fn quit(&mut self) {
        self.lines.get_mut().write_all(b"{\"execute\":\"quit\"}\n").ok();
    }

    fn line(&mut self) -> Result<Value> {
        let mut text = String::new();
        match self.lines.read_line(&mut text) {
            Ok(0) => bail!("QEMU closed its monitor"),
            Ok(_) => serde_json::from_str(&text).context("QEMU's monitor said no JSON"),
            Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                bail!("QEMU's monitor was silent for {} s", ANSWER.as_secs())
            }
            Err(why) => Err(why).context("QEMU's monitor"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::spawn;

    fn peer(says: &'static str) -> UnixStream {
        let Ok((ours, mut theirs)) = UnixStream::pair() else { std::process::abort() };
        spawn(move || {
            theirs.write_all(says.as_bytes()).ok();
            // Until the other end is gone: an early close would be another answer.
            std::io::copy(&mut theirs, &mut std::io::sink()).ok();
        });
        ours
    }

    #[test]
    fn events_between_question_and_answer_are_passed_over() {
        let says = "{\"QMP\":{}}\n{\"return\":{}}\n{\"event\":\"STOP\"}\n{\"return\":{\"status\":\"x\"}}\n";
        let value = Monitor::new(peer(says)).and_then(|mut m| m.ask("query-status", json!({})));
        assert_eq!(value.ok(), Some(json!({ "status": "x" })));
    }

    #[test]
    fn a_refusal_carries_qemus_words() {
        let says =
            "{\"QMP\":{}}\n{\"return\":{}}\n{\"error\":{\"class\":\"c\",\"desc\":\"no such thing\"}}\n";
        let why = Monitor::new(peer(says)).and_then(|mut m| m.ask("stop", json!({})));
        assert_eq!(why.err().map(|e| e.to_string()).as_deref(), Some("stop: no such thing"));
    }

    #[test]
    fn what_is_no_qmp_is_an_error() {
        assert!(Monitor::new(peer("hello\n")).is_err());
    }
}
