//! A long run as a person sees it: a bar on a terminal, and Ctrl-C.

use crate::console::Console;
use crate::interrupt::Interrupt;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use onetrip_studies::replicate::Progress;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Work that takes no longer shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// The bar of a run.
pub(crate) struct RunProgress {
    interrupt: Interrupt,
    bar: ProgressBar,
    began_at: Instant,
    is_shown: AtomicBool,
    with_end: ProgressStyle,
    without_end: ProgressStyle,
}

impl RunProgress {
    /// A bar that counts `what`.
    ///
    /// # Errors
    /// When Ctrl-C cannot be listened for.
    pub(crate) fn new(what: &str, console: &Console) -> anyhow::Result<RunProgress> {
        RunProgress::listening(Interrupt::listen(console)?, what)
    }

    /// The bar of the next part of the work, which counts `what` from 0.
    ///
    /// # Errors
    /// None that can happen: the templates are ours.
    pub(crate) fn next(self, what: &str) -> anyhow::Result<RunProgress> {
        RunProgress::listening(self.interrupt.clone(), what)
    }

    fn listening(interrupt: Interrupt, what: &str) -> anyhow::Result<RunProgress> {
        let style = |template: &str| ProgressStyle::with_template(template);
        Ok(RunProgress {
            interrupt,
            bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            began_at: Instant::now(),
            is_shown: AtomicBool::new(false),
            with_end: style(&format!("{what} {{bar:40}} {{pos}}/{{len}}  {{elapsed}} (+{{eta}})"))?,
            without_end: style(&format!("{what} {{pos}} {{spinner}} {{elapsed}}"))?,
        })
    }
}

impl Progress for RunProgress {
    fn advance(&self, done: u32, of: Option<u32>) {
        if self.began_at.elapsed() < PATIENCE {
            return;
        }
        if !self.is_shown.swap(true, Ordering::Relaxed) {
            self.bar.set_style(if of.is_some() { self.with_end.clone() } else { self.without_end.clone() });
            // Draws nothing where standard error is no terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        if let Some(of) = of {
            self.bar.set_length(of.into());
        }
        self.bar.set_position(done.into());
    }

    fn is_stopped(&self) -> bool {
        self.interrupt.is_asked()
    }
}

impl Drop for RunProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
