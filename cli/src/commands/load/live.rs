//! How a run stands, on a terminal.

use crate::console::Console;
use onetrip_load::engine::Progress;
use std::io::{IsTerminal, Write, stderr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

const CLEAR_LINE: &str = "\r\x1b[K";

/// A line on standard error that is written anew four times a second, until it is dropped. Nothing where nobody looks.
pub(super) struct Live(Option<JoinHandle<()>>);

impl Live {
    /// To be called within the runtime of the run.
    pub(super) fn show(progress: &Arc<Mutex<Progress>>, console: &Console) -> Live {
        if !stderr().is_terminal() || console.is_json {
            return Live(None);
        }
        let progress = Arc::clone(progress);
        let words = match console.say("en", "zh") {
            "zh" => ["计划", "发送", "进行中", "错误", "超售号源"],
            _ => ["asked", "sent", "in flight", "errors", "slots oversold"],
        };
        Live(Some(tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(250)).await;
                let now = *progress.lock().unwrap_or_else(PoisonError::into_inner);
                // A closed terminal is nobody's concern.
                let _ = write!(stderr(), "{CLEAR_LINE}{}", line(&now, words));
            }
        })))
    }

    /// Writes a line that stays.
    pub(super) fn note(&self, console: &Console, text: &str) {
        self.clear();
        console.remark(text);
    }

    fn clear(&self) {
        if self.0.is_some() {
            let _ = write!(stderr(), "{CLEAR_LINE}");
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.clear();
        if let Some(showing) = &self.0 {
            showing.abort();
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
