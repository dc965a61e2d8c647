//! Ctrl-C: the first asks the work to stop and keep what is finished, the second ends the program.

use crate::console::Console;
use onetrip_report::words::Language;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// Whether the person has asked to stop.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for Ctrl-C from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn listen(console: &Console) -> anyhow::Result<Interrupt> {
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
        Ok(Interrupt(is_asked))
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
