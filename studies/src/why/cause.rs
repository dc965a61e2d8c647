//! What an instant of a visit is put down to.

use onetrip_models::hospital::PauseKind;
use onetrip_models::system::System;

/// Why a patient is where the patient is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// In line, and whoever was called last had come earlier (or nobody was called yet).
    Behind,
    /// In line, and whoever was called last had come later: by rank, by booking, by the turn of another lane.
    Overtaken,
    /// In line where nobody has been on duty since midnight.
    NotOpenYet,
    /// In line where nobody is on duty any more, or for the time of a break.
    OffDuty,
    /// In line for a machine that is down although somebody is there to serve.
    MachineDown,
    /// Served, but held because the next place is full.
    Blocked,
    /// Being served.
    Served,
    /// Being served in vain: the service was broken off, and began all over or came to nothing.
    ServedInVain,
    /// In a pause, by its kind: walking, waiting for a result …
    Pause(u8),
}

impl Cause {
    const FIXED: [Cause; 8] = [
        Cause::Behind,
        Cause::Overtaken,
        Cause::NotOpenYet,
        Cause::OffDuty,
        Cause::MachineDown,
        Cause::Blocked,
        Cause::Served,
        Cause::ServedInVain,
    ];

    /// All causes of a system with so many kinds of pause, in the order of their numbers.
    pub fn all(pause_kind_count: usize) -> impl Iterator<Item = Cause> {
        Cause::FIXED.into_iter().chain((0..pause_kind_count).map(|kind| Cause::Pause(kind as u8)))
    }

    /// How many there are.
    pub fn count(pause_kind_count: usize) -> usize {
        Cause::FIXED.len() + pause_kind_count
    }

    /// Its place among [`Cause::all`].
    pub fn index(self) -> usize {
        match self {
            Cause::Behind => 0,
            Cause::Overtaken => 1,
            Cause::NotOpenYet => 2,
            Cause::OffDuty => 3,
            Cause::MachineDown => 4,
            Cause::Blocked => 5,
            Cause::Served => 6,
            Cause::ServedInVain => 7,
            Cause::Pause(kind) => Cause::FIXED.len() + usize::from(kind),
        }
    }

    /// In a queue, for whatever reason.
    pub fn is_in_line(self) -> bool {
        self.index() <= Cause::MachineDown.index()
    }

    /// Lost to the patient. Of a plain network nobody knows what a pause is, so it is none.
    pub fn is_wait(self, system: &System) -> bool {
        match (self, system) {
            (Cause::Pause(kind), System::Hospital(_)) => {
                PauseKind::ALL.get(usize::from(kind)).is_some_and(|kind| kind.is_wait())
            }
            (Cause::Pause(_) | Cause::Served, _) => false,
            _ => true,
        }
    }

    /// Word for it, as machines read it.
    pub fn id(self, system: &System) -> String {
        let word = match (self, system) {
            (Cause::Behind, _) => "behind_others",
            (Cause::Overtaken, _) => "overtaken",
            (Cause::NotOpenYet, _) => "not_open_yet",
            (Cause::OffDuty, _) => "off_duty",
            (Cause::MachineDown, _) => "machine_down",
            (Cause::Blocked, _) => "blocked",
            (Cause::Served, _) => "being_served",
            (Cause::ServedInVain, _) => "served_in_vain",
            (Cause::Pause(kind), System::Hospital(_)) => {
                PauseKind::ALL.get(usize::from(kind)).map_or("pause", |kind| kind.id())
            }
            (Cause::Pause(kind), System::Network(network)) => {
                let kinds = &network.spec().pause_kinds;
                return kinds.get(usize::from(kind)).map_or_else(|| "pause".to_owned(), Clone::clone);
            }
        };
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_numbered_as_they_are_listed() {
        let all: Vec<Cause> = Cause::all(3).collect();
        assert_eq!(all.len(), Cause::count(3));
        for (index, cause) in all.into_iter().enumerate() {
            assert_eq!(cause.index(), index, "{cause:?}");
        }
    }
}
