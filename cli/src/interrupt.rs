//! Ctrl-C: the first asks the work to stop and keep what is finished, the second ends the program.

use crate::console::Console;
use onetrip_report::words::Language;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// The exit code of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// There is one Ctrl-C in a process, whoever listens to it.
static LISTENING: OnceLock<Interrupt> = OnceLock::new();

/// Whether the person has asked to stop.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for Ctrl-C from now on; the same for all who do.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn listen(console: &Console) -> anyhow::Result<Interrupt> {
        if let Some(listening) = LISTENING.get() {
            return Ok(listening.clone());
        }
        let is_asked = Arc::new(AtomicBool::new(false));
        let language: Language = console.language;
        let seen = Arc::clone(&is_asked);
        ctrlc::set_handler(move || {
            if seen.swap(true, Ordering::SeqCst) {
                std::process::exit(INTERRUPTED);
            }
            let note = language.pick(
                "\nstopping; what is finished is kept (Ctrl-C again ends at once)",
                "\n正在停止，已完成的部分会保留（再按一次 Ctrl-C 立即退出）",
            );
            let _ = writeln!(std::io::stderr(), "{note}");
        })?;
        Ok(LISTENING.get_or_init(|| Interrupt(is_asked)).clone())
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Whether the person has asked whoever listens to stop.
    pub(crate) fn was_asked() -> bool {
        LISTENING.get().is_some_and(Interrupt::is_asked)
    }
}
