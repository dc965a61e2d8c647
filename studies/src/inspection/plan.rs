//! Who is visited when: visits dealt out over weeks, hospitals, groups of the form, and simulated days.

use super::rules::{RULES, Rule, RuleKind, RuleStanding, Standing, is_visited_off_hours};
use onetrip_models::hospital::spec::HospitalRank;
use onetrip_models::text::Text;
use onetrip_sim::stream::{Purpose, RunKey, Stream};

const DAYS: Purpose = Purpose::named("inspection.days");
const PATIENT: Purpose = Purpose::named("inspection.patient");
const HOSPITAL: Purpose = Purpose::named("inspection.hospital");
const TOGETHER: Purpose = Purpose::named("inspection.together");

/// Luck of inspectors lies apart from that of any replication.
const INSPECTORS: u32 = u32::MAX;

/// One visit to come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedVisit {
    /// Which hospital, by its place in the list.
    pub hospital: usize,
    /// Number of the visit at this hospital, from 1.
    pub number: u32,
    /// Week of the period, from 1.
    pub week: u32,
    /// The replication whose day is visited.
    pub replication: u32,
    /// Groups of the form, by their place in the document, that this visit is charged with.
    pub groups: Vec<usize>,
    /// Comes at off hours.
    pub is_off_hours: bool,
}

/// All visits of a period, and how they stand to the rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Weeks of the period.
    pub weeks: u32,
    /// The visits, by hospital and number.
    pub visits: Vec<PlannedVisit>,
    /// The rules, in the document's order.
    pub rules: Vec<RuleStanding>,
}

/// Plans `visits` visits to each hospital over `weeks` weeks; all counts at least 1.
///
/// The visits to hospitals of one rank take turns and are spread evenly, so that every week has one as soon as there
/// are as many visits as weeks. Days are drawn without replacement from the replications while there are enough.
pub fn plan(
    ranks: &[HospitalRank],
    weeks: u32,
    visits: u32,
    group_count: usize,
    replications: u32,
    rng_seed: u64,
) -> Plan {
    let mut planned = Vec::new();
    for (hospital, &rank) in ranks.iter().enumerate() {
        let turn = ranks[..hospital].iter().filter(|&&other| other == rank).count() as u64;
        let of_rank = ranks.iter().filter(|&&other| other == rank).count() as u64;
        let days = draw_days(visits, replications, &mut luck(rng_seed, hospital, 0).stream(DAYS));
        for (index, &replication) in days.iter().enumerate() {
            let place = index as u64 * of_rank + turn;
            planned.push(PlannedVisit {
                hospital,
                number: index as u32 + 1,
                week: (place * u64::from(weeks) / (of_rank * u64::from(visits))) as u32 + 1,
                replication,
                groups: groups_of(index, visits as usize, group_count),
                is_off_hours: is_visited_off_hours(rank),
            });
        }
    }
    let rules = RULES.iter().map(|rule| stand(rule, ranks, weeks, &planned, group_count)).collect();
    Plan { weeks, visits: planned, rules }
}

fn luck(rng_seed: u64, hospital: usize, number: u32) -> onetrip_sim::stream::EntityKey {
    let hospital = (hospital as u64) << 32;
    RunKey::new(rng_seed, INSPECTORS, 0).entity(HOSPITAL, hospital | u64::from(number))
}

/// The luck by which the inspector of a visit becomes one of the day's patients.
pub(super) fn patient_stream(rng_seed: u64, visit: &PlannedVisit) -> Stream {
    luck(rng_seed, visit.hospital, visit.number).stream(PATIENT)
}

/// The luck by which inspections are drawn to find the chance of several items together.
pub(super) fn drawing_stream(rng_seed: u64) -> Stream {
    RunKey::new(rng_seed, INSPECTORS, 0).entity(TOGETHER, 0).stream(TOGETHER)
}

/// Distinct days while there are enough, then again from all.
fn draw_days(visits: u32, replications: u32, stream: &mut Stream) -> Vec<u32> {
    let mut days = Vec::with_capacity(visits as usize);
    let mut left: Vec<u32> = Vec::new();
    while (days.len() as u32) < visits {
        if left.is_empty() {
            left = (0..replications).collect();
        }
        let index = stream.below(left.len() as u32) as usize;
        days.push(left.swap_remove(index));
    }
    days
}

/// Groups are dealt out in turn; with more visits than groups, the groups come round again.
fn groups_of(visit: usize, visits: usize, group_count: usize) -> Vec<usize> {
    if group_count == 0 {
        return Vec::new();
    }
    if visits >= group_count {
        return vec![visit % group_count];
    }
    (0..group_count).filter(|group| group * visits / group_count == visit).collect()
}

fn stand(
    rule: &'static Rule,
    ranks: &[HospitalRank],
    weeks: u32,
    visits: &[PlannedVisit],
    group_count: usize,
) -> RuleStanding {
    let every_week = |rank: HospitalRank| {
        if !ranks.contains(&rank) {
            return (
                Standing::DoesNotArise,
                Some(Text::new("none is among the hospitals given", "未给出此类医院")),
            );
        }
        let is_visited = |week: &u32| visits.iter().any(|v| v.week == *week && ranks[v.hospital] == rank);
        match (1..=weeks).find(|week| !is_visited(week)) {
            None => (Standing::Kept, None),
            Some(week) => {
                let remark = Text::new(format!("nobody comes in week {week}"), format!("第{week}周无人体验"));
                (Standing::NotKept, Some(remark))
            }
        }
    };
    let (standing, remark) = match rule.kind {
        RuleKind::CountyHospitalEveryWeek => every_week(HospitalRank::County),
        RuleKind::HealthCentreEveryWeek => every_week(HospitalRank::Township),
        RuleKind::AllGroups => {
            let covers = |hospital: usize, group: usize| {
                visits.iter().any(|v| v.hospital == hospital && v.groups.contains(&group))
            };
            let all = (0..ranks.len()).all(|hospital| (0..group_count).all(|group| covers(hospital, group)));
            (if all { Standing::Kept } else { Standing::NotKept }, None)
        }
        RuleKind::OffHours if !ranks.iter().any(|&rank| is_visited_off_hours(rank)) => {
            (Standing::DoesNotArise, Some(Text::new("no municipal hospital is given", "未给出市级医院")))
        }
        RuleKind::LookBack => {
            (Standing::DoesNotArise, Some(Text::new("no rectified hospital is given", "未给出整改后的医院")))
        }
        RuleKind::OffHours | RuleKind::Unannounced | RuleKind::FormInTime => (Standing::Kept, None),
    };
    RuleStanding { rule, standing, remark }
}

impl Plan {
    /// Changes how one rule stands, with the reason.
    pub fn restate(&mut self, kind: RuleKind, standing: Standing, remark: Option<Text>) {
        for rule in self.rules.iter_mut().filter(|rule| rule.rule.kind == kind) {
            rule.standing = standing;
            rule.remark.clone_from(&remark);
        }
    }

    /// The visits to one hospital, in order.
    pub fn of_hospital(&self, hospital: usize) -> impl Iterator<Item = &PlannedVisit> {
        self.visits.iter().filter(move |visit| visit.hospital == hospital)
    }
}
