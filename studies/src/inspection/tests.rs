//! Inspections of hospitals that come with the program.

use super::bulletin::bulletin;
use super::change::{Costs, Reach, levers, search};
use super::form::{FieldSource, Mark};
use super::look_back::look_back;
use super::plan::plan;
use super::rules::{RuleKind, Standing, is_off_hours};
use super::sight::{Eyes, Sight};
use super::story::{Doing, story};
use super::*;
use crate::film::Visits;
use crate::replicate::Silent;
use crate::statistics::interval::Level;
use onetrip_models::hospital::Hospital;
use onetrip_models::hospital::spec::{HospitalRank, HospitalSpec};
use onetrip_models::system::System;
use onetrip_scenarios::hospital::{hospital_text, read_hospital};
use onetrip_scenarios::reader::{Document, EvidenceRule};
use onetrip_scenarios::targets::{self, Answers, TargetDocument};
use onetrip_sim::stream::{Purpose, RunKey};
use std::collections::BTreeSet;

fn described(name: &str, assignments: &[&str]) -> HospitalSpec {
    let mut document = Document::parse(format!("{name}.toml"), hospital_text(name).expect("it is shipped"));
    assignments.iter().for_each(|assignment| document.set(assignment));
    match read_hospital(document, EvidenceRule::Optional) {
        Ok(reading) => reading.value.hospital,
        Err(mistakes) => panic!("{mistakes}"),
    }
}

fn open(spec: HospitalSpec) -> Hospital {
    Hospital::new(spec).expect("a sound description")
}

/// A county hospital with so few windows that the chance to pass is neither 0 nor 1.
fn county() -> System {
    System::Hospital(open(described("county-2016", &["demand.visits_per_day=2100"])))
}

fn form() -> &'static TargetDocument {
    targets::document("shaoxing-2018").expect("it comes with the program")
}

fn settings(replications: u32, weeks: u32, visits: u32) -> InspectSettings {
    InspectSettings { rng_seed: 7, replications, weeks, visits, on: None, level: Level::P95 }
}

#[test]
fn every_week_has_its_county_hospital_and_health_centre_and_all_groups_are_covered() {
    let ranks = [HospitalRank::County, HospitalRank::County, HospitalRank::Township, HospitalRank::Municipal];
    for (weeks, visits) in [(4, 4), (4, 6), (6, 12), (1, 1), (2, 30), (8, 8)] {
        let plan = plan(&ranks, weeks, visits, 10, 20, 1);
        assert_eq!(plan.visits.len(), 4 * visits as usize);
        for week in 1..=weeks {
            for rank in [HospitalRank::County, HospitalRank::Township] {
                let is_visited = plan.visits.iter().any(|v| v.week == week && ranks[v.hospital] == rank);
                assert!(is_visited, "{weeks} weeks, {visits} visits: week {week}");
            }
        }
        for hospital in 0..4 {
            let covered: BTreeSet<usize> =
                plan.of_hospital(hospital).flat_map(|v| v.groups.clone()).collect();
            assert_eq!(covered.len(), 10, "{weeks} weeks, {visits} visits");
            assert!(
                plan.of_hospital(hospital).all(|v| !v.groups.is_empty() && v.week >= 1 && v.week <= weeks)
            );
        }
        assert!(plan.visits.iter().all(|v| v.is_off_hours == (v.hospital == 3)));
        assert!(plan.rules.iter().all(|rule| rule.standing != Standing::NotKept));
    }
}

#[test]
fn a_plan_with_too_few_visits_says_which_week_nobody_comes() {
    let plan = plan(&[HospitalRank::County], 4, 2, 10, 20, 1);
    let rule = plan.rules.iter().find(|rule| rule.rule.kind == RuleKind::CountyHospitalEveryWeek).unwrap();
    assert_eq!(rule.standing, Standing::NotKept);
    assert_eq!(rule.remark.as_ref().unwrap().en, "nobody comes in week 2");
    let centre = plan.rules.iter().find(|rule| rule.rule.kind == RuleKind::HealthCentreEveryWeek).unwrap();
    assert_eq!(centre.standing, Standing::DoesNotArise);
}

#[test]
fn visits_are_on_different_days_while_there_are_enough() {
    let plan = plan(&[HospitalRank::County], 5, 20, 10, 20, 3);
    let days: BTreeSet<u32> = plan.visits.iter().map(|visit| visit.replication).collect();
    assert_eq!(days.len(), 20);
}

#[test]
fn what_all_visits_of_a_day_show_adds_up_to_what_the_run_counts() {
    // A county hospital books at desks and few to a time; the city hospital prepares half of its medicine ahead.
    for (name, more) in
        [("county-2016", "demand.visits_per_day=600"), ("hangzhou-2018-06", "demand.visits_per_day=1500")]
    {
        let hospital = open(described(name, &[more]));
        let run = RunKey::new(11, 0, 0);
        let (visits, account) = Visits::of_day(&hospital, run).expect("a day");
        let values = hospital.evaluate(&account);
        let eyes = Eyes::new(&hospital);
        for (id, sight) in [
            ("examination.booked_in_one_go_share", Sight::BookedInOneGo),
            ("pharmacy.ready_on_arrival_share", Sight::MedicineReady),
        ] {
            let shown: Vec<f64> =
                visits.iter().filter_map(|(_, visit)| eyes.look(sight, run, visit)).collect();
            let index = hospital.measures().iter().position(|measure| measure.id == id).unwrap();
            let mean = shown.iter().sum::<f64>() / shown.len() as f64;
            let counted = values[index].expect("somebody was counted");
            assert!((mean - counted).abs() < 1e-12, "{name} {id}: {mean} against {counted}");
            assert!(shown.len() > 50);
        }
        let (mut timed, mut counted) = (0, 0);
        for (_, visit) in visits.iter() {
            let orders = eyes.orders(run, visit).unwrap_or_default();
            timed += orders.timed;
            counted += orders.counted;
        }
        let index =
            hospital.measures().iter().position(|m| m.id == "examination.timed_booking_share").unwrap();
        assert!(counted > 20);
        assert!((f64::from(timed) / f64::from(counted) - values[index].unwrap()).abs() < 1e-12);
    }
}

#[test]
fn registration_waits_of_the_visits_are_those_of_the_run() {
    // With a help counter for those whom a kiosk fails, nobody queues twice for a number.
    let hospital = open(described("county-2016", &["demand.visits_per_day=800"]));
    let run = RunKey::new(5, 0, 0);
    let (visits, account) = Visits::of_day(&hospital, run).expect("a day");
    let eyes = Eyes::new(&hospital);
    let waits: Vec<f64> =
        visits.iter().filter_map(|(_, visit)| eyes.look(Sight::RegistrationWait, run, visit)).collect();
    let index =
        hospital.measures().iter().position(|m| m.id == "registration.on_site.wait_time.mean").unwrap();
    let counted = hospital.evaluate(&account)[index].unwrap();
    let mean = waits.iter().sum::<f64>() / waits.len() as f64;
    // The model's marks are of 64 µs; machines that break down after the help counter has closed send a few to a window.
    assert!((mean - counted).abs() < 1.0, "{mean} against {counted}");
}

#[test]
fn a_story_has_no_gap_from_the_door_to_leaving() {
    let hospital = open(described("county-2016", &["demand.visits_per_day=500"]));
    let (visits, _) = Visits::of_day(&hospital, RunKey::new(2, 0, 0)).expect("a day");
    let mut waited = 0;
    for (patient, visit) in visits.iter() {
        let story = story(visit);
        assert_eq!(story.first().unwrap().doing, Doing::Arriving);
        assert!(matches!(story.last().unwrap().doing, Doing::Leaving | Doing::LeavingUnseen));
        for pair in story.windows(2) {
            assert_eq!(pair[0].to, pair[1].from, "{patient:?}: {pair:?}");
        }
        waited += story.iter().filter(|step| step.doing.is_wait()).count();
        assert_eq!(visits.of(patient), Some(visit));
    }
    assert!(waited > 100);
}

#[test]
fn the_form_of_a_visit_has_every_row_and_says_where_each_field_comes_from() {
    let (system, answers) = (county(), Answers::default());
    let inspected = Inspected { name: "county", system: &system, answers: &answers };
    let (plan, all) = inspect(&[inspected], form(), &settings(8, 4, 4), &Silent).expect("an inspection");
    let hospital = &all[0];
    assert_eq!(hospital.visits.len(), 4);
    assert!(plan.rules.iter().any(|rule| rule.standing == Standing::Kept));
    for visit in &hospital.visits {
        assert_eq!(visit.form.rows.len(), 31);
        for (row, item) in visit.form.rows.iter().zip(&hospital.card.items) {
            assert_eq!(row.fields.len(), item.checks.len(), "{}", item.id);
            for field in &row.fields {
                let check = &item.checks[field.check];
                assert_eq!(
                    field.mark == Mark::NotAsked,
                    check.verdict == crate::scorecard::Verdict::NotApplicable
                );
                assert!(field.mark != Mark::ByHand || field.source == FieldSource::Hand);
                if let (Some(question), Some(figure)) = (field.question, field.figure) {
                    assert_eq!(field.mark == Mark::Passes, hospital.questions[question].is_met_by(figure));
                }
            }
        }
        let counted: usize = [Mark::Passes, Mark::Fails, Mark::NotTouched, Mark::ByHand, Mark::NotAsked]
            .map(|m| visit.form.count(m))
            .iter()
            .sum();
        assert_eq!(counted, 31);
    }
    // What is asked of a county hospital and computed by a run: registration, medicine.
    let ids: Vec<&str> = hospital.questions.iter().map(|question| question.id.as_str()).collect();
    assert_eq!(ids, ["shaoxing-2018/3a", "shaoxing-2018/25b"]);
}

#[test]
fn a_municipal_hospital_is_visited_at_off_hours() {
    let system = System::Hospital(open(described("hangzhou-2018-06", &["demand.visits_per_day=900"])));
    let answers = Answers::default();
    let inspected = Inspected { name: "city", system: &system, answers: &answers };
    let (plan, all) = inspect(&[inspected], form(), &settings(4, 2, 4), &Silent).expect("an inspection");
    assert!(all[0].is_off_hours);
    for visit in &all[0].visits {
        assert!(is_off_hours(visit.story[0].from) && visit.came_off_hours);
    }
    let rule = plan.rules.iter().find(|rule| rule.rule.kind == RuleKind::OffHours).unwrap();
    assert_eq!(rule.standing, Standing::Kept);
}

#[test]
fn the_chance_to_pass_agrees_with_inspections_played_out() {
    let (system, answers) = (county(), Answers::default());
    let inspected = Inspected { name: "county", system: &system, answers: &answers };
    let settings = settings(12, 3, 3);
    let (_, all) = inspect(&[inspected], form(), &settings, &Silent).expect("an inspection");
    let hospital = &all[0];
    let population = &hospital.population;
    let days = &population.replications;
    assert!(days.iter().any(|visits| visits.len() != days[0].len()), "days differ in their patients");
    // Inspections drawn, a day and then a patient of it, and judged with nothing but the rule itself.
    let mut stream = RunKey::new(99, 0, 0).entity(Purpose::named("test"), 0).stream(Purpose::named("draw"));
    let (played, visits) = (40_000, 3);
    let mut passed = vec![0_u32; hospital.questions.len() + 1];
    for _ in 0..played {
        let drawn: Vec<_> = (0..visits)
            .map(|_| {
                let visits = &days[stream.below(days.len() as u32) as usize];
                &visits[stream.below(visits.len() as u32) as usize]
            })
            .collect();
        let mut is_all_good = true;
        for (index, question) in hospital.questions.iter().enumerate() {
            let figures: Vec<f64> = drawn.iter().filter_map(|visit| visit[index]).collect();
            let mean = figures.iter().sum::<f64>() / figures.len() as f64;
            let is_good = figures.is_empty() || question.is_met_by(mean);
            passed[index] += u32::from(is_good);
            is_all_good &= is_good;
        }
        passed[hospital.questions.len()] += u32::from(is_all_good);
    }
    let share = |count: u32| f64::from(count) / f64::from(played);
    // Two draws of 4,000 and 40,000: four standard errors of the coarser are 0.032.
    for (index, question) in hospital.questions.iter().enumerate() {
        let chance = hospital.chances.items[question.item].all_visits.expect("it is measured").value;
        assert!(
            (chance - share(passed[index])).abs() < 0.032,
            "{}: {chance} against {}",
            question.id,
            share(passed[index])
        );
    }
    let all_of_it = hospital.chances.measured_in_all.expect("something is measured");
    assert!((all_of_it.value - share(passed[hospital.questions.len()])).abs() < 0.032);
    assert!(all_of_it.interval.is_some());
    // One visit is the mean of the days' shares of visits.
    let is_good = |visit: &&Vec<Option<f64>>| visit[0].is_none_or(|wait| wait <= 600.0);
    let share = |visits: &Vec<_>| visits.iter().filter(is_good).count() as f64 / visits.len() as f64;
    let mean = days.iter().map(share).sum::<f64>() / days.len() as f64;
    let one = hospital.chances.items[2].one_visit.expect("registration is measured").value;
    assert!((one - mean).abs() < 1e-12);
    // The spread beside the form's figure speaks of the same visits.
    let spread = population.spread(0, &hospital.questions[0]).expect("registration is measured");
    let bad_share = spread.touched_share * (1.0 - spread.good_share);
    assert!((1.0 - bad_share - one).abs() < 1e-12, "{spread:?} {one}");
    // Something of the form is missed or open in a hospital that nobody answered for.
    assert!(!hospital.chances.open.is_empty());
}

#[test]
fn a_follow_up_sends_the_same_inspectors_with_the_same_luck() {
    let before = System::Hospital(open(described("county-2016", &["demand.visits_per_day=700"])));
    let after = System::Hospital(open(described(
        "county-2016",
        &["demand.visits_per_day=700", "registration.windows.shifts.\"07:00-11:30\"=12"],
    )));
    let answers = Answers::default();
    let settings = settings(6, 3, 3);
    let seen = |system| Inspected { name: "county", system, answers: &answers };
    let (_, all) = inspect(&[seen(&before)], form(), &settings, &Silent).expect("an inspection");
    let same = look_back(&all[0], &seen(&before), form(), &settings, &Silent).expect("a follow-up");
    for (first, second) in all[0].visits.iter().zip(&same.after.visits) {
        assert_eq!((first.patient, &first.story), (second.patient, &second.story));
    }
    assert!(same.changes.iter().all(|change| change.difference.value == 0.0));
    let better = look_back(&all[0], &seen(&after), form(), &settings, &Silent).expect("a follow-up");
    for (first, second) in all[0].visits.iter().zip(&better.after.visits) {
        assert!(second.is_same_patient);
        assert_eq!((first.patient, first.story[0].from), (second.patient, second.story[0].from));
    }
    let registration = &better.changes[0];
    assert!(registration.difference.value < 0.0, "{registration:?}");
    assert!((registration.after - registration.before - registration.difference.value).abs() < 1e-9);
}

#[test]
fn the_smallest_change_that_is_enough_is_found_and_can_be_set_in_the_file() {
    let spec = described("county-2016", &["demand.visits_per_day=700"]);
    let hospital = open(spec);
    let (system, answers) = (System::Hospital(hospital.clone()), Answers::default());
    let inspected = Inspected { name: "county", system: &system, answers: &answers };
    let settings = settings(4, 2, 2);
    let (_, all) = inspect(&[inspected], form(), &settings, &Silent).expect("an inspection");
    let item = all[0].questions.iter().find(|q| q.id == "shaoxing-2018/25b").unwrap().item;
    let present = all[0].chances.items[item].all_visits.unwrap().value;
    let found =
        search(&hospital, &all[0].questions, item, (present, 0.95), &Costs::default(), &settings, &Silent)
            .expect("a search");
    let best = &found.tried[found.cheapest.expect("machines that prepare everything in 30 s are enough")];
    assert!(best.chance.value >= 0.95 && present < 0.95);
    assert_eq!(best.lever, "prepare_all_faster");
    // Few days: the estimate reaches the chance, the interval of two visits does not lie above it.
    let low = best.chance.interval.expect("days differ").low;
    assert_eq!(best.reach, if low >= 0.95 { Reach::Surely } else { Reach::Perhaps });
    assert!(found.cheapest_sure.is_none_or(|sure| found.tried[sure].reach == Reach::Surely));
    // What is one step smaller was tried and is not enough, or there is none.
    let smaller = found.tried.iter().find(|tried| tried.lever == best.lever && tried.size + 1 == best.size);
    assert!(best.size == 1 || smaller.is_some_and(|tried| tried.reach == Reach::No));
    let assignments: Vec<&str> = best.assignments.iter().map(String::as_str).collect();
    let set = described("county-2016", &[&["demand.visits_per_day=700"], assignments.as_slice()].concat());
    let ahead = set.pharmacy.pre_dispensing.expect("it is set");
    assert_eq!((ahead.share, ahead.preparation_time.mean()), (1.0, 480.0 / f64::from(1 << best.size)));
}

#[test]
fn every_lever_writes_assignments_that_give_the_hospital_it_made() {
    let measures = [
        "registration.on_site.wait_time.mean",
        "examination.booked_in_one_go_share",
        "examination.timed_booking_share",
        "pharmacy.ready_on_arrival_share",
        "settlement.smart_share",
        "settlement.electronic_receipt_share",
    ];
    for name in ["county-2016", "hangzhou-2018-06", "hangzhou-2018-12", "township", "district-hospital"] {
        let spec = described(name, &[]);
        for lever in measures.iter().flat_map(|measure| levers(measure)) {
            let Some(made) = lever.first(&spec) else { continue };
            let assignments: Vec<&str> = made.assignments.iter().map(String::as_str).collect();
            let mut set = described(name, &assignments);
            // The file writes shifts in the order of time, the lever appends the earlier one.
            for spec in [&mut set, &mut made.hospital.clone()] {
                spec.registration.windows.shifts.sort_by_key(|shift| shift.from);
                spec.registration.kiosks.shifts.sort_by_key(|shift| shift.from);
            }
            let mut made_hospital = made.hospital;
            made_hospital.registration.windows.shifts.sort_by_key(|shift| shift.from);
            made_hospital.registration.kiosks.shifts.sort_by_key(|shift| shift.from);
            set.registration.windows.shifts.sort_by_key(|shift| shift.from);
            assert!(is_alike(&set, &made_hospital), "{name}, {}: {assignments:?}", lever.id);
        }
    }
}

/// Alike but for rounding of shares.
fn is_alike(a: &HospitalSpec, b: &HospitalSpec) -> bool {
    let several = |spec: &HospitalSpec| {
        let several = spec.examination_booking.several;
        [several.in_room_share, several.centre_share, several.desk_share]
    };
    let points = |spec: &HospitalSpec| {
        let settlement = &spec.settlement;
        [settlement.after_consultation, settlement.before_examination, settlement.before_pharmacy].map(
            |point| point.map_or(0.0, |point| point.modes.window / (point.modes.window + point.modes.phone)),
        )
    };
    let close = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
    a.registration == b.registration
        && close(several(a), several(b))
        && close(points(a), points(b))
        && a.examinations == b.examinations
        && a.pharmacy == b.pharmacy
        && a.settlement.electronic_receipt_share == b.settlement.electronic_receipt_share
}

#[test]
fn hospitals_are_ranked_week_by_week_and_equals_share_a_place() {
    let systems = [county(), System::Hospital(open(described("township", &[]))), county()];
    let answers = Answers::default();
    let inspected: Vec<Inspected<'_>> = ["a", "b", "c"]
        .iter()
        .zip(&systems)
        .map(|(name, system)| Inspected { name, system, answers: &answers })
        .collect();
    let (_, all) = inspect(&inspected, form(), &settings(4, 2, 4), &Silent).expect("an inspection");
    let tables = bulletin(&all, 2);
    assert_eq!(tables.iter().map(|table| table.week).collect::<Vec<_>>(), [Some(1), Some(2), None]);
    let period = &tables[2];
    assert_eq!(period.rows.iter().map(|row| row.visits).sum::<usize>(), 12);
    for table in &tables {
        for pair in table.rows.windows(2) {
            let key = |row: &super::bulletin::BulletinRow| (row.passed_share, row.passed);
            assert!(key(&pair[0]) >= key(&pair[1]));
            assert_eq!(pair[0].rank == pair[1].rank, key(&pair[0]) == key(&pair[1]));
        }
        for row in &table.rows {
            assert_eq!(row.passed_share, Some(row.passed as f64 / (row.passed + row.failed) as f64));
        }
    }
}

#[test]
fn inspectors_do_not_visit_networks() {
    let document =
        onetrip_scenarios::library::find("erlang-b").expect("it comes with the program").document();
    let network = onetrip_scenarios::network::read_network(document).expect("it reads").value;
    let system = System::Network(onetrip_models::network::Network::new(network).expect("it runs"));
    let answers = Answers::default();
    let inspected = Inspected { name: "desk", system: &system, answers: &answers };
    let refused = inspect(&[inspected], form(), &settings(2, 1, 1), &Silent);
    assert!(matches!(refused, Err(InspectError::NoHospital { .. })));
}
