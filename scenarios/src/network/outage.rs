//! Outages as written: `[[outage]]`.

use super::hall::Hall;
use super::instant::Instant;
use crate::reader::key::{Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use crate::reader::kinds::{Choice, Count, Located, Text};
use crate::reader::{At, Mistake, Record, Table};
use onetrip_models::network::NetworkStation;
use onetrip_sim::station::{Outage, WaitingAtOutage, WorkInHand};
use onetrip_sim::time::SimTime;

/// An outage before stations are known.
pub(super) struct RawOutage {
    station: At<String>,
    outage: Outage,
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
    let (station, from, to) = (table.read(&STATION), table.read(&FROM), table.read(&TO));
    let (servers, work_in_hand) = (table.read(&SERVERS), table.read(&WORK_IN_HAND));
    let waiting = table.read(&WAITING);
    let (from, to) = (from?, to?);
    if to.value <= from {
        let mistake = Mistake::new("the outage is over before it begins");
        table.report(&to.place, mistake.accepted("an instant after `from`"));
        return None;
    }
    Some(RawOutage {
        station: station?,
        outage: Outage {
            from: from.since(SimTime::ZERO),
            to: to.value.since(SimTime::ZERO),
            server_count: servers?.unwrap_or(Outage::ALL),
            work_in_hand: work_in_hand?,
            waiting: waiting?,
        },
    })
}

impl Hall<'_> {
    /// Gives each station its outages; `None` when one names a station that does not exist.
    pub(super) fn add_outages(&self, raw: &[RawOutage], stations: &mut [NetworkStation]) -> Option<()> {
        let found: Vec<_> = raw.iter().map(|raw| Some((self.places(&raw.station)?, raw.outage))).collect();
        for (places, outage) in found.into_iter().collect::<Option<Vec<_>>>()? {
            places.iter().for_each(|place| stations[place.index()].plan.outages.push(outage));
        }
        Some(())
    }
}
