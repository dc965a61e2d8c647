//! How a run stands, on a terminal.

use crate::console::Console;
use onetrip_load::engine::Progress;
use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const CLEAR_LINE: &str = "\r\x1b[K";
const SHOWN_EVERY: Duration = Duration::from_millis(250);

/// A line on standard error that is written anew four times a second, until it is dropped. Nothing where nobody looks. A
/// thread of its own writes it: a terminal may be slow, and nobody who sends waits for one.
pub(super) struct Live(Option<(Sender<()>, JoinHandle<()>)>);

impl Live {
    pub(super) fn show(progress: &Arc<Mutex<Progress>>, console: &Console) -> Live {
        if !stderr().is_terminal() || console.is_json {
            return Live(None);
        }
        let progress = Arc::clone(progress);
        let words = match console.say("en", "zh") {
            "zh" => ["计划", "发送", "进行中", "错误", "超售号源"],
            _ => ["asked", "sent", "in flight", "errors", "slots oversold"],
        };
        let (shown, over) = mpsc::channel::<()>();
        let showing = std::thread::spawn(move || {
            while over.recv_timeout(SHOWN_EVERY) == Err(RecvTimeoutError::Timeout) {
                let now = *progress.lock().unwrap_or_else(PoisonError::into_inner);
                // A closed terminal is nobody's concern.
                let _ = write!(stderr(), "{CLEAR_LINE}{}", line(&now, words));
            }
        });
        Live(Some((shown, showing)))
    }

    /// Writes a line that stays.
    pub(super) fn note(&self, console: &Console, text: &str) {
        if self.0.is_some() {
            clear();
        }
        console.remark(text);
    }
}

fn clear() {
    let _ = write!(stderr(), "{CLEAR_LINE}");
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some((shown, showing)) = self.0.take() {
            drop(shown);
            // Were it to panic, there would be no line, and that is all.
            let _ = showing.join();
            clear();
        }
    }
}

fn line(now: &Progress, [asked, sent, in_flight, errors, oversold]: [&str; 5]) -> String {
    let ms = |us: u64| us as f64 / 1e3;
    format!(
        "{:6.1} s  {asked} {}/s  {sent} {}/s  {in_flight} {}  {errors} {}  p50 {:.1} p95 {:.1} p99 {:.1} ms  {oversold} {}",
        now.at_us as f64 / 1e6,
        now.asked_rate,
        now.offered_rate,
        now.in_flight,
        now.error_count,
        ms(now.p50_us),
        ms(now.p95_us),
        ms(now.p99_us),
        now.oversold_count,
    )
}
