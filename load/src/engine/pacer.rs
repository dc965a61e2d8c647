//! Pacing by a timer of the kernel: tokio's timer wheel is a millisecond late at the median, which a load test would report
//! as the server's latency, and a thread that spins costs more than the load.
//!
//! The timer is a file among the sockets of the same reactor, so that a due patient is woken where it runs: no other thread,
//! no hand-over, no processor time while nothing is due.

use super::clock::Clock;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use std::collections::BTreeMap;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::net::unix::pipe::Receiver;
use tokio::task::AbortHandle;

/// An instant of the kernel's monotonic clock, in ns.
fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    // The clock counts from a start of the machine, so neither part is negative.
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}

/// Who waits for which instant, in order, and when the timer is to go off.
#[derive(Default)]
struct Agenda {
    /// By the instant and by who came first.
    waiting: BTreeMap<(u64, u64), Waker>,
    wait_count: u64,
    armed_for: Option<u64>,
}

struct Pacer {
    agenda: Mutex<Agenda>,
    /// A file that is ready as a pipe is.
    timer: Receiver,
}

impl std::fmt::Debug for Pacer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pacer").finish_non_exhaustive()
    }
}

impl Pacer {
    fn agenda(&self) -> MutexGuard<'_, Agenda> {
        self.agenda.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the timer to the first instant on the agenda, if it would go off later.
    fn arm(&self, agenda: &mut Agenda) -> io::Result<()> {
        let first_at = agenda.waiting.first_key_value().map(|(&(at, _), _)| at);
        let Some(at) = first_at.filter(|at| agenda.armed_for.is_none_or(|armed_for| *at < armed_for)) else {
            return Ok(());
        };
        agenda.armed_for = Some(at);
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        let it_value = Timespec {
            tv_sec: (at / 1_000_000_000).cast_signed(),
            tv_nsec: (at % 1_000_000_000).cast_signed(),
        };
        let setting = Itimerspec { it_interval, it_value };
        timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &setting)?;
        Ok(())
    }

    /// Wakes whoever is due, again and again.
    async fn pace(&self) -> io::Result<()> {
        let mut due = Vec::new();
        loop {
            self.timer.readable().await?;
            // Nobody reads how often it went off: setting it anew makes it forget. To be told of the next time it is
            // enough that this one was seen.
            let _: io::Result<()> = self.timer.try_io(|| Err(ErrorKind::WouldBlock.into()));
            {
                let mut agenda = self.agenda();
                agenda.armed_for = None;
                let now = now_ns();
                while let Some(first) = agenda.waiting.first_entry().filter(|first| first.key().0 <= now) {
                    due.push(first.remove());
                }
                self.arm(&mut agenda)?;
            }
            due.drain(..).for_each(Waker::wake);
        }
    }
}

/// A clock whose waits end within microseconds of an idle processor. What drives it ends with its last clone.
#[derive(Clone, Debug)]
pub struct PacedClock {
    origin_ns: u64,
    pacer: Arc<Pacer>,
    _driver: Arc<Driver>,
}

#[derive(Debug)]
struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl PacedClock {
    /// A run that starts after `lead_time`, so that the first requests can be made ready. To be called within the runtime
    /// that sends.
    ///
    /// # Errors
    /// When the system gives no timer.
    pub fn start(lead_time: Duration) -> io::Result<PacedClock> {
        let timer =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        let pacer =
            Arc::new(Pacer { agenda: Mutex::default(), timer: Receiver::from_owned_fd_unchecked(timer)? });
        let driving = Arc::clone(&pacer);
        // A timer that cannot be read or set is a broken system: nobody would ever be woken.
        let driver = tokio::spawn(async move { driving.pace().await.expect("the kernel's timer works") });
        let driver = Arc::new(Driver(driver.abort_handle()));
        Ok(PacedClock { origin_ns: now_ns() + lead_time.as_nanos() as u64, pacer, _driver: driver })
    }
}

impl Clock for PacedClock {
    fn now_us(&self) -> u64 {
        now_ns().saturating_sub(self.origin_ns) / 1000
    }

    async fn wait_until(&self, at_us: u64) {
        let at_ns = self.origin_ns.saturating_add(at_us.saturating_mul(1000));
        Wait { at_ns, pacer: &self.pacer, listed: None }.await;
    }
}

/// A wait for an instant.
struct Wait<'p> {
    at_ns: u64,
    pacer: &'p Pacer,
    /// Its number on the agenda, and whom it wakes.
    listed: Option<(u64, Waker)>,
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.at_ns <= now_ns() {
            return Poll::Ready(());
        }
        if !self.listed.as_ref().is_some_and(|(_, waker)| waker.will_wake(context.waker())) {
            let mut agenda = self.pacer.agenda();
            let number = self.listed.take().map_or(agenda.wait_count, |(number, _)| number);
            agenda.wait_count = agenda.wait_count.max(number + 1);
            agenda.waiting.insert((self.at_ns, number), context.waker().clone());
            self.pacer.arm(&mut agenda).expect("the kernel's timer works");
            drop(agenda);
            self.listed = Some((number, context.waker().clone()));
        }
        Poll::Pending
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if let Some((number, _)) = self.listed {
            self.pacer.agenda().waiting.remove(&(self.at_ns, number));
        }
    }
}
