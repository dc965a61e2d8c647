//! Outages as written: `[[outage]]`.

use super::hall::Hall;
use super::instant::Instant;
use crate::reader::key::{Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use crate::reader::kinds::{Choice, Count, Located, Text};
use crate::reader::{At, Mistake, Record, Table};
use onetrip_models::network::NetworkStation;
use onetrip_sim::station::{Discipline, Duty, Outage, WaitingAtOutage, WorkInHand};
use onetrip_sim::time::SimTime;

/// An outage before stations are known. What is lacking has been reported; the rest is still checked.
pub(super) struct RawOutage {
    station: Option<At<String>>,
    outage: Option<Outage>,
}

static STATION: Required<Located<Text>> =
    required("station", Located(Text), "the station, or several by their group or `count`");
static FROM: Required<Instant> = required("from", Instant, "when it begins");
static TO: Required<Located<Instant>> = required("to", Located(Instant), "when it is over");
static SERVERS: Optional<Count> =
    optional("servers", Count::POSITIVE, "how many of those on duty cannot serve; all when absent");
static WORK_IN_HAND: Defaulted<Choice<WorkInHand>> = defaulted(
    "work_in_hand",
    Choice {
        what: "rule for work in hand",
        options: &[
            ("finish", WorkInHand::Finish, "services under way are finished"),
            (
                "hand_over",
                WorkInHand::HandOver,
                "they are broken off; the customers go to the head of the queue and resume later",
            ),
            ("send_away", WorkInHand::SendAway, "they are broken off and the customers leave"),
        ],
    },
    "\"finish\"",
    "what becomes of services under way when it begins",
);
static WAITING: Defaulted<Choice<WaitingAtOutage>> = defaulted(
    "waiting",
    Choice {
        what: "rule for those who wait",
        options: &[
            ("hold", WaitingAtOutage::Hold, "they keep their places"),
            ("send_away", WaitingAtOutage::SendAway, "they leave when nobody is left to serve"),
        ],
    },
    "\"hold\"",
    "what becomes of those who wait when it begins",
);

static OUTAGE: TableSpec = TableSpec {
    name: "outage",
    doc: "servers who are on duty and cannot serve for a while; outages that overlap add up",
    keys: &[&STATION, &FROM, &TO, &SERVERS, &WORK_IN_HAND, &WAITING],
};

/// `[[outage]]`.
pub(super) const OUTAGE_RECORD: Record<RawOutage> = Record { spec: &OUTAGE, read: read_outage };

fn read_outage(table: &Table<'_>) -> Option<RawOutage> {
    Some(RawOutage { station: table.read(&STATION), outage: read_times(table) })
}

fn read_times(table: &Table<'_>) -> Option<Outage> {
    let (from, to) = (table.read(&FROM), table.read(&TO));
    let (servers, work_in_hand) = (table.read(&SERVERS), table.read(&WORK_IN_HAND));
    let waiting = table.read(&WAITING);
    let (from, to) = (from?, to?);
    if to.value <= from {
        let mistake = Mistake::new("the outage is over before it begins");
        table.report(&to.place, mistake.accepted("an instant after `from`"));
        return None;
    }
    Some(Outage {
        from: from.since(SimTime::ZERO),
        to: to.value.since(SimTime::ZERO),
        server_count: servers?.unwrap_or(Outage::ALL),
        work_in_hand: work_in_hand?,
        waiting: waiting?,
    })
}

impl Hall<'_> {
    /// Gives each station its outages; `None` when one is broken, or names a station that cannot have it.
    pub(super) fn add_outages(&self, raw: &[RawOutage], stations: &mut [NetworkStation]) -> Option<()> {
        let mut is_sound = true;
        for RawOutage { station, outage } in raw {
            let places = station.as_ref().and_then(|name| Some((name, self.places(name)?)));
            let Some((name, places)) = places else {
                is_sound = false;
                continue;
            };
            for place in places {
                let plan = &mut stations[place.index()].plan;
                if plan.duty == Duty::Unlimited || plan.discipline == Discipline::ProcessorSharing {
                    let mistake = Mistake::new(format!("nobody is at `{}` who could be out", plan.name));
                    let accepted = "a station whose servers serve one customer at a time";
                    self.table.report(&name.place, mistake.accepted(accepted));
                    is_sound = false;
                }
                match outage {
                    Some(outage) => plan.outages.push(*outage),
                    None => is_sound = false,
                }
            }
        }
        is_sound.then_some(())
    }
}
