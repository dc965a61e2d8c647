//! Pacing by timers of the kernel: tokio's timer wheel is a millisecond late at the median, which a load test would report
//! as the server's latency, and a thread that spins costs more than the load.
//!
//! The timers are files among the sockets of the same reactor, so that a due patient is woken where it runs: no other thread,
//! no hand-over, no processor time while nothing is due.
//!
//! There are several, set for the next instants together. A timer set as the first of all makes the kernel program the
//! processor's clock, which on a virtual machine its keeper has to do; one set behind others only joins their queue.

use super::clock::Clock;
use rustix::event::epoll;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::net::unix::pipe::Receiver;
use tokio::task::AbortHandle;

/// How many instants have timers at once.
const TIMER_COUNT: usize = 8;

/// An instant of the kernel's monotonic clock, in ns.
fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    // The clock counts from a start of the machine, so neither part is negative.
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}

/// The timers.
struct Alarms {
    timers: [OwnedFd; TIMER_COUNT],
    /// For which instants which timers are set, in order.
    set: VecDeque<(u64, usize)>,
    /// Timers that are not set.
    free: Vec<usize>,
}

impl Alarms {
    /// Timers, and the file that is ready when one of them has gone off.
    fn new() -> io::Result<(Alarms, OwnedFd)> {
        let watch = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let mut timers = Vec::with_capacity(TIMER_COUNT);
        for _ in 0..TIMER_COUNT {
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            // Nobody reads how often it went off, nor which one did: setting it anew makes it forget.
            let events = epoll::EventFlags::IN | epoll::EventFlags::ET;
            epoll::add(&watch, &timer, epoll::EventData::new_u64(0), events)?;
            timers.push(timer);
        }
        let timers = timers.try_into().expect("as many as are counted");
        let set = VecDeque::with_capacity(TIMER_COUNT);
        Ok((Alarms { timers, set, free: (0..TIMER_COUNT).collect() }, watch))
    }

    /// The last instant that has a timer. Whoever waits for one up to it has one too.
    fn until(&self) -> Option<u64> {
        self.set.back().map(|&(at, _)| at)
    }

    /// Sees to it that a timer goes off at an instant, at the cost of the last instant where all are set.
    fn set(&mut self, at: u64) -> io::Result<()> {
        let place = self.set.partition_point(|&(other, _)| other < at);
        if self.set.get(place).is_some_and(|&(other, _)| other == at) {
            return Ok(());
        }
        let last = || self.set.pop_back().map(|(_, timer)| timer);
        let timer = self.free.pop().or_else(last).expect("a timer is free, or set");
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        let it_value = Timespec {
            tv_sec: (at / 1_000_000_000).cast_signed(),
            tv_nsec: (at % 1_000_000_000).cast_signed(),
        };
        let setting = Itimerspec { it_interval, it_value };
        timerfd_settime(&self.timers[timer], TimerfdTimerFlags::ABSTIME, &setting)?;
        self.set.insert(place, (at, timer));
        Ok(())
    }

    /// Frees the timers of instants up to `now`; none of them goes off before its instant.
    fn free_until(&mut self, now: u64) {
        while let Some((_, timer)) = self.set.pop_front_if(|&mut (at, _)| at <= now) {
            self.free.push(timer);
        }
    }
}

/// Who waits for which instant, in order, and the timers for the first instants.
struct Agenda {
    /// By the instant and by who came first.
    waiting: BTreeMap<(u64, u64), Waker>,
    wait_count: u64,
    alarms: Alarms,
}

impl Agenda {
    fn add(&mut self, at: u64, number: u64, waker: Waker) -> io::Result<()> {
        let is_alone = self.waiting.is_empty();
        self.waiting.insert((at, number), waker);
        match self.alarms.until() {
            Some(until) if until < at => Ok(()),
            // All have gone off and are about to be set for whoever is first.
            None if !is_alone => Ok(()),
            _ => self.alarms.set(at),
        }
    }

    /// Takes whoever is due off it. True when so many timers are free that they are worth setting together.
    fn take_due(&mut self, now: u64, due: &mut Vec<Waker>) -> bool {
        while let Some(first) = self.waiting.first_entry().filter(|first| first.key().0 <= now) {
            due.push(first.remove());
        }
        self.alarms.free_until(now);
        self.alarms.free.len() >= TIMER_COUNT / 2
    }

    /// Sets the free timers for the first instants that have none.
    fn set_free_alarms(&mut self) -> io::Result<()> {
        let from = self.alarms.until().map_or(0, |until| until + 1);
        for &(at, _) in self.waiting.range((from, 0)..).map(|(key, _)| key) {
            if self.alarms.free.is_empty() {
                break;
            }
            self.alarms.set(at)?;
        }
        Ok(())
    }
}

struct Pacer {
    agenda: Mutex<Agenda>,
    /// A file that is ready, as a pipe is, when a timer has gone off.
    watch: Receiver,
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

    /// Wakes whoever is due, again and again.
    async fn pace(&self) -> io::Result<()> {
        let mut due = Vec::new();
        loop {
            self.watch.readable().await?;
            // To be told of the next one it is enough that this one was seen.
            let _: io::Result<()> = self.watch.try_io(|| Err(ErrorKind::WouldBlock.into()));
            let is_low = self.agenda().take_due(now_ns(), &mut due);
            due.drain(..).for_each(Waker::wake);
            if is_low {
                go_last().await;
                self.agenda().set_free_alarms()?;
            }
        }
    }
}

/// Lets all go first who can go on now. What the runtime offers for it looks at the sockets before.
async fn go_last() {
    let mut has_waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
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
    /// When the system gives no timers.
    pub fn start(lead_time: Duration) -> io::Result<PacedClock> {
        let (alarms, watch) = Alarms::new()?;
        let agenda = Mutex::new(Agenda { waiting: BTreeMap::new(), wait_count: 0, alarms });
        let pacer = Arc::new(Pacer { agenda, watch: Receiver::from_owned_fd_unchecked(watch)? });
        let driving = Arc::clone(&pacer);
        // A timer that cannot be set is a broken system: nobody would ever be woken.
        let driver = tokio::spawn(async move { driving.pace().await.expect("the kernel's timers work") });
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
            let waker = context.waker().clone();
            agenda.add(self.at_ns, number, waker).expect("the kernel's timers work");
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

#[cfg(test)]
mod tests {
    use super::*;
    use onetrip_sim::stream::{Purpose, RunKey};
    use std::collections::BTreeSet;

    /// Whoever is first has a timer, or one goes off before; whoever waits for an instant up to the last that has one has
    /// one too; no timer is lost.
    fn assert_met(agenda: &Agenda) {
        let set: BTreeSet<u64> = agenda.alarms.set.iter().map(|&(at, _)| at).collect();
        let mut timers: Vec<usize> = agenda.alarms.set.iter().map(|&(_, timer)| timer).collect();
        timers.extend(&agenda.alarms.free);
        timers.sort_unstable();
        assert_eq!(timers, Vec::from_iter(0..TIMER_COUNT));
        assert!(agenda.alarms.set.iter().is_sorted() && set.len() == agenda.alarms.set.len());
        let mut instants = agenda.waiting.keys().map(|&(at, _)| at);
        let met = |at| set.contains(&at);
        let until = agenda.alarms.until().unwrap_or(0);
        assert!(
            instants.clone().take_while(|&at| at <= until).all(met),
            "{:?}: {set:?}",
            agenda.waiting.keys()
        );
        let first = instants.next();
        assert!(first.is_none_or(|at| set.first().is_some_and(|&alarm| alarm <= at)), "{first:?}: {set:?}");
    }

    #[test]
    fn whoever_comes_and_goes_the_first_instants_have_timers() {
        for spread in [1, 5, 50, 5_000] {
            let mut luck =
                RunKey::new(7, 0, 0).entity(Purpose::named("test"), 0).stream(Purpose::named("test"));
            let (alarms, _watch) = Alarms::new().unwrap();
            let mut agenda = Agenda { waiting: BTreeMap::new(), wait_count: 0, alarms };
            // So far ahead that none goes off.
            let mut now = now_ns() + 3_600_000_000_000;
            let mut due = Vec::new();
            for number in 0..5_000 {
                match luck.below(4) {
                    0 | 1 => {
                        let at = now + 1 + u64::from(luck.below(10 * spread));
                        agenda.add(at, number, Waker::noop().clone()).unwrap();
                    }
                    2 if !agenda.waiting.is_empty() => {
                        let leaver = luck.below(agenda.waiting.len() as u32) as usize;
                        let key = *agenda.waiting.keys().nth(leaver).unwrap();
                        agenda.waiting.remove(&key);
                    }
                    _ => {
                        let Some(&(at, _)) = agenda.alarms.set.front() else { continue };
                        now = at + u64::from(luck.below(spread));
                        if agenda.take_due(now, &mut due) {
                            // Whoever is woken comes again before.
                            for number in 0..u64::from(luck.below(4)) {
                                let at = now + 1 + u64::from(luck.below(1_000 * spread));
                                agenda.add(at, 1_000_000 + number, Waker::noop().clone()).unwrap();
                            }
                            agenda.set_free_alarms().unwrap();
                        }
                        assert!(agenda.waiting.keys().all(|&(at, _)| at > now));
                    }
                }
                assert_met(&agenda);
            }
            assert!(due.len() > 500, "{} were woken", due.len());
        }
    }

    #[tokio::test]
    async fn all_are_woken_at_their_instants_those_who_come_last_and_are_due_first_too() {
        let clock = PacedClock::start(Duration::ZERO).unwrap();
        let wait = |at: u64| {
            let clock = clock.clone();
            tokio::spawn(async move {
                clock.wait_until(at).await;
                clock.now_us() >= at
            })
        };
        let mut waits: Vec<_> = (1..=60).map(|number| wait(400_000 - 5_000 * number)).collect();
        let mut leavers: Vec<_> = (1..=60).map(|number| wait(100_000 + 5_003 * number)).collect();
        clock.wait_until(150_000).await;
        leavers.drain(..).for_each(|leaver| leaver.abort());
        waits.extend((1..=20).map(|number| wait(150_000 + 211 * number)));
        for wait in waits {
            assert!(wait.await.unwrap());
        }
    }
}
