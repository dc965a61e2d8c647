//! Ctrl-C: the first asks the work to stop and keep what is finished, the second ends the program.

use crate::console::Console;
use onetrip_report::words::Language;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// The exit code of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// There is one Ctrl-C in a process, whoever listens to it.
static LISTENING: OnceLock<Interrupt> = OnceLock::new();

/// Whether the person has asked to stop.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<Asked>);

#[derive(Default)]
struct Asked {
    is_asked: AtomicBool,
    waiting: Notify,
}

impl Interrupt {
    /// Listens for Ctrl-C from now on; the same for all who do.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn listen(console: &Console) -> anyhow::Result<Interrupt> {
        if let Some(listening) = LISTENING.get() {
            return Ok(listening.clone());
        }
        let asked: Arc<Asked> = Arc::default();
        let language: Language = console.language;
        let seen = Arc::clone(&asked);
        ctrlc::set_handler(move || {
            if seen.is_asked.swap(true, Ordering::SeqCst) {
                std::process::exit(INTERRUPTED);
            }
            seen.waiting.notify_waiters();
            let note = language.pick(
                "\nstopping; what is finished is kept (Ctrl-C again ends at once)",
                "\n正在停止，已完成的部分会保留（再按一次 Ctrl-C 立即退出）",
            );
            let _ = writeln!(std::io::stderr(), "{note}");
        })?;
        Ok(LISTENING.get_or_init(|| Interrupt(asked)).clone())
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.is_asked.load(Ordering::SeqCst)
    }

    /// Until the person asks; nothing wakes up before.
    pub(crate) async fn asked(&self) {
        let notified = self.0.waiting.notified();
        if !self.is_asked() {
            notified.await;
        }
    }

    /// Whether the person has asked whoever listens to stop.
    pub(crate) fn was_asked() -> bool {
        LISTENING.get().is_some_and(Interrupt::is_asked)
    }
}
