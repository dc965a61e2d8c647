//! Stations as the engine knows them: one plan for each, with the terms of every class.

use super::format::RawNetwork;
use super::hall::Hall;
use super::station::{Order, RawStation, StationBody};
use crate::reader::{Mistake, Place};
use onetrip_models::network::{Balking, NetworkStation};
use onetrip_sim::station::{Discipline, Duty, StationPlan, WhenFull};

impl Hall<'_> {
    pub(super) fn stations_of(&self, raw: &RawStation, network: &RawNetwork) -> Option<Vec<NetworkStation>> {
        let (name, body) = (raw.name.as_ref()?, raw.body.as_ref()?);
        let laws = self.by_class(body.service_time.as_ref(), &body.service_time_by_class);
        let patience = self.by_class(body.patience.as_ref(), &body.patience_by_class);
        let balk_at = self.by_class(body.balk_at.as_ref(), &body.balk_at_by_class);
        let needed = self.by_class(body.servers_needed.as_ref(), &body.servers_needed_by_class);
        let rank = self.ranks(body);
        let discipline = self.discipline(body, rank.as_deref());
        let diverts_to = match &body.divert_to {
            Some(other) => self.station(other).map(Some),
            None => Some(None),
        };
        let laws = laws.and_then(|laws| {
            if body.service_time.is_none() && body.service_time_by_class.is_empty() {
                let mistake = Mistake::missing("`service_time` is missing");
                let accepted = "`service_time` = a duration such as \"4.5 min\", or a table with a law";
                self.table.report(&raw.place, mistake.accepted(accepted));
                return None;
            }
            self.complete(&raw.place, "`service_time_by_class`", laws)
        });
        let balking = match &body.balk_shares {
            Some(shares) => {
                let shares = shares.value.iter().map(|share| share.part()).collect();
                Some(vec![Balking::ByPresent(shares); self.classes.len()])
            }
            None => balk_at.map(|counts| {
                counts.into_iter().map(|count| count.map_or(Balking::Never, Balking::AtPresent)).collect()
            }),
        };
        let (rank, server_count) = (rank?, needed?.into_iter().map(|count| count.unwrap_or(1) as u16));
        let server_count: Vec<u16> = server_count.collect();
        self.check_servers(&name.place, body, &server_count);
        let rank_count = rank
            .iter()
            .copied()
            .max()
            .unwrap_or(0)
            .max(body.promotion.as_ref().map_or(0, |promotion| promotion.value.to_rank));
        let plan = StationPlan {
            duty: body.duty.clone(),
            discipline: discipline?,
            rank_count: rank_count + 1,
            capacity: body.capacity,
            when_full: body.when_full,
            work_in_hand: body.work_in_hand,
            waiting_at_closing: body.waiting_at_closing,
            breakdown: body.breakdown.clone(),
            promotion: body.promotion.as_ref().map(|promotion| promotion.value),
            is_multi_server: server_count.iter().any(|&count| count > 1),
            ..StationPlan::new(name.value.clone(), 1)
        };
        self.check_features(&name.place, body, &plan, network);
        let station = NetworkStation {
            plan,
            service_time: laws?,
            rank,
            patience: patience?,
            balking: balking?,
            server_count,
            diverts_to: diverts_to?,
        };
        let Some(count) = raw.count else { return Some(vec![station]) };
        let numbered = |number| {
            let mut one = station.clone();
            one.plan.name = format!("{}.{number}", name.value);
            one
        };
        Some((1..=count).map(numbered).collect())
    }

    fn ranks(&self, raw: &StationBody) -> Option<Vec<u8>> {
        let Some(written) = &raw.ranks else {
            let lanes_of_their_own = !raw.pattern.is_empty();
            let rank = |class| if lanes_of_their_own { class as u8 } else { 0 };
            return Some((0..self.classes.len()).map(rank).collect());
        };
        let ranks = self.by_class(None, &written.value)?;
        let ranks = self.complete(&written.place, "`ranks`", ranks)?;
        Some(ranks.into_iter().map(|rank| rank as u8).collect())
    }

    fn discipline(&self, raw: &StationBody, rank: Option<&[u8]>) -> Option<Discipline> {
        let refuse = |place: &Place, message: &str, accepted: &str| {
            self.table.report(place, Mistake::new(message).accepted(accepted));
            None
        };
        let is_plain = raw.order.value == Order::Fifo;
        if raw.preemptive.value && (!is_plain || !raw.pattern.is_empty()) {
            return refuse(
                &raw.preemptive.place,
                "pre-emption goes with first come first served alone",
                "`discipline = \"fifo\"` without `pattern`",
            );
        }
        if let Some(first) = raw.pattern.first() {
            let pattern: Vec<Option<usize>> = raw.pattern.iter().map(|class| self.class(class)).collect();
            if !is_plain {
                return refuse(
                    &first.place,
                    "turns are taken first come first served within each class",
                    "`discipline = \"fifo\"` with `pattern`",
                );
            }
            let pattern = pattern.into_iter().collect::<Option<Vec<_>>>()?;
            let rank = rank?;
            return Some(Discipline::Interleaved(pattern.into_iter().map(|class| rank[class]).collect()));
        }
        Some(match raw.order.value {
            _ if raw.preemptive.value => Discipline::PreemptiveResume,
            Order::Fifo => Discipline::FirstComeFirstServed,
            Order::Lifo => Discipline::LastComeFirstServed,
            Order::Random => Discipline::Random,
            Order::ProcessorSharing => Discipline::ProcessorSharing,
        })
    }

    /// Features that have no joint meaning; the engine refuses the rest.
    fn check_features(&self, place: &Place, raw: &StationBody, plan: &StationPlan, network: &RawNetwork) {
        let report = |message: &str, accepted: &str| {
            self.table.report(place, Mistake::new(message).accepted(accepted));
        };
        let is_shared = plan.discipline == Discipline::ProcessorSharing;
        if is_shared
            && network
                .stations
                .iter()
                .filter_map(|other| other.body.as_ref())
                .any(|other| other.when_full == WhenFull::Block)
        {
            report(
                "a station with processor sharing has no server that waits for a full station to have room",
                "`when_full = \"refuse\"` everywhere, or another discipline here",
            );
        }
        if is_shared && (raw.patience.is_some() || !raw.patience_by_class.is_empty()) {
            report(
                "with processor sharing nobody waits, so nobody's patience runs out",
                "no `patience` here",
            );
        }
        if plan.duty == Duty::Unlimited && (raw.capacity.is_some() || plan.breakdown.is_some()) {
            report(
                "unlimited servers can neither break down nor be full",
                "a number of servers, or neither `capacity` nor `breakdown`",
            );
        }
        if !plan.is_multi_server {
            return;
        }
        if plan.discipline != Discipline::FirstComeFirstServed {
            report(
                "seizing several servers is possible only first come first served",
                "`discipline = \"fifo\"`",
            );
        }
        if plan.breakdown.is_some() {
            report("servers that are seized together cannot break down", "no `breakdown` here");
        }
    }

    fn check_servers(&self, place: &Place, raw: &StationBody, needed: &[u16]) {
        let most = match &raw.duty {
            Duty::Always(count) => *count,
            Duty::Unlimited => return,
            Duty::Shifts { changes, .. } => changes.iter().map(|change| change.1).max().unwrap_or(0),
        };
        if let Some((class, count)) =
            self.classes.iter().zip(needed).find(|(_, count)| u32::from(**count) > most)
        {
            let mistake = Mistake::new(format!("class `{class}` needs {count} servers at once"));
            self.table.report(place, mistake.accepted(format!("at most the {most} there are")));
        }
    }
}
