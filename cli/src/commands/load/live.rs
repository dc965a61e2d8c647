//! How a run stands, on a terminal.

use crate::console::Console;
use indicatif::{ProgressBar, ProgressStyle};
use onetrip_load::engine::Progress;
use onetrip_report::words::Language;
use std::io::{IsTerminal, stderr};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const SHOWN_EVERY: Duration = Duration::from_millis(250);

/// Two lines on standard error that are written anew four times a second, until it is dropped. Nothing where nobody looks. A
/// thread of its own writes them: a terminal may be slow, and nobody who sends waits for one.
pub(super) struct Live(Option<Shown>);

struct Shown {
    bar: ProgressBar,
    over: Sender<()>,
    showing: JoinHandle<()>,
}

impl Live {
    /// With how long the plan takes, in µs, where that is known.
    pub(super) fn show(progress: &Arc<Mutex<Progress>>, length_us: Option<u64>, console: &Console) -> Live {
        if !stderr().is_terminal() || console.is_json {
            return Live(None);
        }
        let progress = Arc::clone(progress);
        let words = match console.language {
            Language::Chinese => ["计划", "发送", "进行中", "错误", "响应", "超售号源"],
            Language::English => ["asked", "sent", "in flight", "errors", "response", "slots oversold"],
        };
        let length = length_us.map(|us| {
            let seconds = us.div_ceil(1_000_000);
            format!("{} {seconds} s", console.say("of", "/"))
        });
        let length = length.unwrap_or_default();
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::with_template("{msg}").expect("the template is ours"));
        let (over, is_over) = mpsc::channel::<()>();
        let shown = bar.clone();
        let showing = std::thread::spawn(move || {
            while is_over.recv_timeout(SHOWN_EVERY) == Err(RecvTimeoutError::Timeout) {
                let now = *progress.lock().unwrap_or_else(PoisonError::into_inner);
                shown.set_message(lines(&now, &length, words));
                shown.tick();
            }
        });
        Live(Some(Shown { bar, over, showing }))
    }

    /// Whether somebody looks.
    pub(super) fn is_watched(&self) -> bool {
        self.0.is_some()
    }

    /// Writes a line that stays.
    pub(super) fn note(&self, console: &Console, text: &str) {
        match &self.0 {
            Some(shown) => shown.bar.suspend(|| console.remark(text)),
            None => console.remark(text),
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(Shown { bar, over, showing }) = self.0.take() {
            drop(over);
            // Were it to panic, there would be no lines, and that is all.
            let _ = showing.join();
            bar.finish_and_clear();
        }
    }
}

/// Each no wider than eighty columns, whatever a run comes to.
fn lines(
    now: &Progress,
    length: &str,
    [asked, sent, in_flight, errors, response, oversold]: [&str; 6],
) -> String {
    let ms = |us: u64| us as f64 / 1e3;
    format!(
        "{:6.1} s  {asked} {}/s  {sent} {}/s  {in_flight} {}  {errors} {}\n{length:<10}\
         {response} p50 {:.1} p95 {:.1} p99 {:.1} ms  {oversold} {}",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_large_run_fit_a_terminal() {
        let now = Progress {
            at_us: 86_399_900_000,
            asked_rate: 25_000,
            offered_rate: 25_000,
            in_flight: 100_000,
            sent_count: 99_999_999,
            error_count: 9_999_999,
            p50_us: 60_000_000,
            p95_us: 60_000_000,
            p99_us: 60_000_000,
            oversold_count: 100_000,
        };
        let shown =
            lines(&now, "of 86400 s", ["asked", "sent", "in flight", "errors", "response", "slots oversold"]);
        assert!(shown.lines().all(|line| line.len() <= 80), "{shown}");
        assert_eq!(shown.lines().count(), 2);
    }
}
