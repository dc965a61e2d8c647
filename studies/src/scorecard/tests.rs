//! Verdicts, stages and points held to cases worked by hand from the documents.

use super::judge::verdict_of_interval;
use super::*;
use onetrip_scenarios::reader::Document;
use onetrip_scenarios::targets::{
    Answer, AnswerValue, HospitalClass, Quantity, TargetDocument, Threshold, document, documents,
    read_document,
};
use std::collections::BTreeMap;

const TCM: &str = "shaoxing-tcm-2022";

#[derive(Default)]
struct Known {
    measured: BTreeMap<String, MeasuredValue>,
    counted: BTreeMap<String, Counted>,
    answers: Answers,
}

impl Known {
    fn measured(mut self, id: &str, value: f64, low: f64, high: f64) -> Self {
        self.measured.insert(id.to_owned(), MeasuredValue { value, low, high, n: 20 });
        self
    }

    fn counted(mut self, id: &str, value: Counted) -> Self {
        self.counted.insert(id.to_owned(), value);
        self
    }

    fn flag(self, id: &str, value: bool) -> Self {
        self.counted(id, Counted::Flag(value))
    }

    fn number(self, id: &str, value: f64) -> Self {
        self.counted(id, Counted::Number(value))
    }

    fn words(self, id: &str, words: &[&str]) -> Self {
        self.counted(id, Counted::Words(words.iter().map(|word| (*word).to_owned()).collect()))
    }

    fn answer(mut self, id: &str, value: AnswerValue) -> Self {
        self.answers.insert(id, Answer { value: Some(value), ..Answer::default() });
        self
    }

    fn yes(self, id: &str) -> Self {
        self.answer(id, AnswerValue::Flag(true))
    }

    fn count(self, id: &str, count: f64) -> Self {
        self.answer(id, AnswerValue::Quantity(Quantity::count(count)))
    }

    fn lost(mut self, id: &str, lost: f64) -> Self {
        self.answers.insert(id, Answer { lost: Some(lost), ..Answer::default() });
        self
    }

    fn held_against(&self, document: &TargetDocument, class: HospitalClass, on: Option<&str>) -> Scorecard {
        let measured = |id: &str| self.measured.get(id).copied();
        let counted = |id: &str| self.counted.get(id).cloned();
        let findings = Findings { measured: &measured, counted: &counted, answers: &self.answers };
        evaluate(document, class.into(), on.map(|day| day.parse().unwrap()), &findings)
    }

    fn municipal(&self, name: &str) -> Scorecard {
        self.held_against(document(name).unwrap(), HospitalClass::Municipal, None)
    }

    fn points(&self, task: u32) -> PointsResult {
        self.municipal(TCM).item(&format!("{TCM}/{task}")).unwrap().points.unwrap()
    }
}

fn points(held: f64, lost: f64, not_sure: f64, not_assessed: f64) -> PointsResult {
    let most = held + lost + not_sure + not_assessed;
    PointsResult { most, held, lost, not_sure, not_assessed, is_bonus: false }
}

#[test]
fn an_interval_decides_only_when_it_lies_wholly_on_one_side() {
    let at_most = |low, high| verdict_of_interval(low, high, Comparison::AtMost, 10.0);
    assert_eq!(at_most(8.0, 9.9), Verdict::Met);
    assert_eq!(at_most(8.0, 10.0), Verdict::Met);
    assert_eq!(at_most(8.0, 10.1), Verdict::NotSureYet);
    assert_eq!(at_most(10.0, 12.0), Verdict::NotSureYet);
    assert_eq!(at_most(10.1, 12.0), Verdict::Missed);
    let at_least = |low, high| verdict_of_interval(low, high, Comparison::AtLeast, 10.0);
    assert_eq!(at_least(10.0, 12.0), Verdict::Met);
    assert_eq!(at_least(9.9, 12.0), Verdict::NotSureYet);
    assert_eq!(at_least(9.0, 10.0), Verdict::NotSureYet);
    assert_eq!(at_least(9.0, 9.9), Verdict::Missed);
    let equals = |low, high| verdict_of_interval(low, high, Comparison::Equals, 10.0);
    assert_eq!(equals(10.0, 10.0), Verdict::Met);
    assert_eq!(equals(9.0, 11.0), Verdict::NotSureYet);
    assert_eq!(equals(10.5, 11.0), Verdict::Missed);
}

#[test]
fn all_of_a_few_is_not_all() {
    let asked = |value, low, high| {
        let known = Known::default().measured("examination.booked_in_one_go_share", value, low, high);
        known.municipal("shaoxing-2018").check("shaoxing-2018/9c").unwrap().clone()
    };
    // 24,000 of 24,000, 12 of 12, and all but one of 24,000.
    assert_eq!(asked(1.0, 0.9998, 1.0).verdict, Verdict::Met);
    let few = asked(1.0, 0.735, 1.0);
    assert_eq!(few.verdict, Verdict::NotSureYet);
    assert!(few.reason.en.contains("too little to be sure of 100 %"), "{}", few.reason.en);
    assert_eq!(asked(0.99996, 0.9998, 1.0).verdict, Verdict::Missed);
    assert_eq!(asked(1.0, f64::NEG_INFINITY, f64::INFINITY).verdict, Verdict::NotSureYet);
}

#[test]
fn without_an_interval_nothing_is_sure() {
    for (low, high) in [(f64::NAN, 3.0), (1.0, f64::INFINITY), (f64::NEG_INFINITY, 1.0), (3.0, 1.0)] {
        assert_eq!(verdict_of_interval(low, high, Comparison::AtMost, 10.0), Verdict::NotSureYet);
    }
    let known = Known::default().measured("examination.timed_booking_share", 0.9, f64::NAN, f64::NAN);
    let card = known.municipal("shaoxing-2018");
    let check = card.check("shaoxing-2018/10").unwrap();
    assert_eq!((check.verdict, check.low), (Verdict::NotSureYet, None));
    assert!(check.reason.en.contains("no interval"), "{}", check.reason.en);
}

#[test]
fn a_figure_nobody_gave_rise_to_is_not_assessed() {
    let mut known = Known::default();
    let nobody = MeasuredValue { value: f64::NAN, low: f64::NAN, high: f64::NAN, n: 0 };
    known.measured.insert("examination.timed_booking_share".to_owned(), nobody);
    let card = known.municipal("shaoxing-2018");
    assert_eq!(card.check("shaoxing-2018/10").unwrap().verdict, Verdict::NotAssessed);
    assert!(serde_json::to_string(&card).is_ok());
}

#[test]
fn the_registration_queue_of_the_form_is_ten_minutes() {
    let verdict = |low: f64, high: f64| {
        let id = "registration.on_site.wait_time.mean";
        let known = Known::default().measured(id, (low + high) / 2.0, low, high);
        known.municipal("shaoxing-2018").check("shaoxing-2018/3a").unwrap().verdict
    };
    assert_eq!(verdict(550.0, 600.0), Verdict::Met);
    assert_eq!(verdict(550.0, 650.0), Verdict::NotSureYet);
    assert_eq!(verdict(600.1, 650.0), Verdict::Missed);
}

#[test]
fn reasons_name_figure_interval_and_bar_in_both_languages() {
    let id = "registration.on_site.peak.wait_time.mean";
    let card = Known::default().measured(id, 180.0, 171.0, 189.0).municipal("hangzhou-2018");
    let check = card.check("hangzhou-2018/1a").unwrap();
    assert_eq!(check.reason.en, "3 min (2.85 min to 3.15 min) is more than 2.76 min");
    assert_eq!(check.reason.zh, "3分钟（2.85分钟至3.15分钟），超过2.76分钟");
    let card = Known::default().number("booking.channels.count", 4.0).municipal("shaoxing-2018");
    assert_eq!(card.check("shaoxing-2018/1a").unwrap().reason.en, "4 is less than 5");
    let share = Known::default().number("booking.online_slots_to_primary_care.share", 0.39999);
    let card = share.municipal("shaoxing-2018");
    assert_eq!(card.check("shaoxing-2018/2").unwrap().reason.en, "39.999 % is less than 40 %");
}

#[test]
fn what_is_unknown_says_what_is_missing() {
    let card = Known::default().municipal("shaoxing-2018");
    let reason = |id: &str| {
        let check = card.check(id).unwrap();
        (check.verdict, check.reason.en.as_str())
    };
    let not_simulated = (Verdict::NotSimulatedYet, "no run computes this figure yet");
    assert_eq!(reason("shaoxing-2018/28"), not_simulated);
    let not_described = (Verdict::NotAssessed, "the hospital's description does not say");
    assert_eq!(reason("shaoxing-2018/8"), not_described);
    assert_eq!(reason("shaoxing-2018/17a"), (Verdict::NotAssessed, "nobody has answered"));
    assert_eq!(reason("shaoxing-2018/23"), (Verdict::NotApplicable, "not asked of this hospital"));
}

#[test]
fn without_findings_no_verdict_is_made_up() {
    for document in documents() {
        for class in HospitalClass::ALL {
            let card = Known::default().held_against(document, class, None);
            assert_eq!(card.summary.total(), document.targets.len());
            assert_eq!((card.summary.met, card.summary.missed, card.summary.not_sure_yet), (0, 0, 0));
            let in_groups: usize = card.groups.iter().map(|group| group.summary.total()).sum();
            assert_eq!(in_groups, document.targets.len());
        }
    }
}

#[test]
fn an_item_is_as_good_as_its_worst_check() {
    let base = || {
        Known::default().number("registration.priority_windows.count", 2.0).words(
            "registration.priority_windows.groups",
            &["elderly", "disabled", "military", "bereaved_family"],
        )
    };
    let id = "registration.on_site.wait_time.mean";
    let verdict = |known: Known| known.municipal("shaoxing-2018").item("shaoxing-2018/3").unwrap().verdict;
    assert_eq!(verdict(base().measured(id, 300.0, 290.0, 310.0)), Verdict::Met);
    assert_eq!(verdict(base().measured(id, 600.0, 590.0, 610.0)), Verdict::NotSureYet);
    assert_eq!(verdict(base()), Verdict::NotSimulatedYet);
    assert_eq!(verdict(base().number("registration.priority_windows.count", 0.0)), Verdict::Missed);
    assert_eq!(verdict(Known::default().measured(id, 300.0, 290.0, 310.0)), Verdict::NotAssessed);
}

#[test]
fn a_list_must_hold_every_word_and_the_reason_names_the_missing() {
    let known =
        Known::default().words("registration.priority_windows.groups", &["elderly", "military", "pregnant"]);
    let card = known.municipal("shaoxing-2018");
    let check = card.check("shaoxing-2018/3c").unwrap();
    assert_eq!(check.verdict, Verdict::Missed);
    assert_eq!(check.reason.en, "missing: disabled people, families who lost their only child");
    assert_eq!(check.reason.zh, "缺：残疾人、失独家庭");
}

#[test]
fn a_list_counts_where_a_number_is_asked_and_a_yes_does_not() {
    let check = |known: Known| {
        let card = known.municipal("shaoxing-2018");
        let check = card.check("shaoxing-2018/1a").unwrap();
        (check.verdict, check.value.clone())
    };
    let five = ["consulting_room", "phone", "kiosk", "website", "mobile"];
    let of_list = Known::default().words("booking.channels.count", &five);
    assert_eq!(check(of_list), (Verdict::Met, Some(Counted::Number(5.0))));
    let of_flag = Known::default().flag("booking.channels.count", true);
    assert_eq!(check(of_flag).0, Verdict::NotAssessed);
}

#[test]
fn the_description_goes_before_an_answer_and_an_answer_before_nothing() {
    let id = "shaoxing-2018/1c";
    let verdict = |known: Known| known.municipal("shaoxing-2018").check(id).unwrap().verdict;
    assert_eq!(verdict(Known::default().yes(id)), Verdict::Met);
    assert_eq!(verdict(Known::default().yes(id).flag("booking.real_name", false)), Verdict::Missed);
}

#[test]
fn stages_decide_by_the_day() {
    let known = Known::default().measured("ward.discharge_on_ward_share", 0.6, 0.55, 0.65);
    let check = |day: Option<&str>| {
        let card = known.held_against(document("shaoxing-2018").unwrap(), HospitalClass::Municipal, day);
        let check = card.check("shaoxing-2018/13b").unwrap().clone();
        (check.verdict, check.threshold, check.due_by.map(|day| day.to_string()))
    };
    let number = |value| Some(Counted::Number(value));
    let june = Some("2018-06-30".to_owned());
    let december = Some("2018-12-31".to_owned());
    assert_eq!(check(Some("2018-06-29")), (Verdict::NotApplicable, None, june.clone()));
    assert_eq!(check(Some("2018-06-30")), (Verdict::Met, number(0.5), june.clone()));
    assert_eq!(check(Some("2018-12-30")), (Verdict::Met, number(0.5), june));
    assert_eq!(check(Some("2018-12-31")), (Verdict::Missed, number(0.8), december.clone()));
    assert_eq!(check(None), (Verdict::Missed, number(0.8), december));
}

#[test]
fn a_check_not_yet_due_does_not_hold_its_item_back() {
    let known = Known::default().flag("emergency.regional_network", true);
    let item = |day| {
        let card = known.held_against(document("shaoxing-2018").unwrap(), HospitalClass::County, day);
        card.item("shaoxing-2018/19").unwrap().verdict
    };
    assert_eq!(item(Some("2018-05-01")), Verdict::NotApplicable);
    assert_eq!(item(Some("2018-07-01")), Verdict::Met);
    assert_eq!(item(None), Verdict::NotAssessed);
}

#[test]
fn counted_shares_that_come_from_a_division_meet_their_bar() {
    let known = Known::default().number("booking.online_slots_to_primary_care.share", 0.1 + 0.3);
    assert_eq!(known.municipal("shaoxing-2018").check("shaoxing-2018/2").unwrap().verdict, Verdict::Met);
    let known =
        Known::default().number("booking.online_slots_to_primary_care.share", 0.1 * 3.0 + 0.1 - 1e-16);
    assert_eq!(known.municipal("shaoxing-2018").check("shaoxing-2018/2").unwrap().verdict, Verdict::Met);
}

#[test]
fn missing_meetings_lose_a_point_each_but_no_more_than_the_task_has() {
    let led = || Known::default().yes(&format!("{TCM}/3a"));
    let meetings = format!("{TCM}/3b");
    assert_eq!(led().count(&meetings, 4.0).points(3), points(5.0, 0.0, 0.0, 0.0));
    assert_eq!(led().count(&meetings, 2.0).points(3), points(3.0, 2.0, 0.0, 0.0));
    let not_led = Known::default().answer(&format!("{TCM}/3a"), AnswerValue::Flag(false));
    assert_eq!(not_led.count(&meetings, 0.0).points(3), points(0.0, 5.0, 0.0, 0.0));
    // Meetings nobody has counted could cost everything the task still has.
    assert_eq!(led().points(3), points(0.0, 0.0, 0.0, 5.0));
}

#[test]
fn deductions_stop_when_the_points_of_the_task_are_gone() {
    let places = |count| Known::default().count(&format!("{TCM}/10a"), count).yes(&format!("{TCM}/10b"));
    assert_eq!(places(3.0).points(10), points(2.5, 1.5, 0.0, 0.0));
    assert_eq!(places(8.0).points(10), points(0.0, 4.0, 0.0, 0.0));
    assert_eq!(places(100.0).points(10), points(0.0, 4.0, 0.0, 0.0));
}

#[test]
fn what_the_inspector_decides_is_open_until_decided() {
    let base = || Known::default().yes(&format!("{TCM}/13a"));
    let site = format!("{TCM}/13b");
    assert_eq!(base().yes(&site).points(13), points(6.0, 0.0, 0.0, 0.0));
    assert_eq!(base().lost(&site, 2.5).points(13), points(3.5, 2.5, 0.0, 0.0));
    // "Not clean" without a number loses at least 1 and at most 4.
    let unnumbered = base().answer(&site, AnswerValue::Flag(false));
    assert_eq!(unnumbered.points(13), points(2.0, 1.0, 0.0, 3.0));
    assert_eq!(base().points(13), points(2.0, 0.0, 0.0, 4.0));
    // Points taken off say "no" by themselves, and none taken off say "yes".
    let verdict = |known: Known| known.municipal(TCM).check(&site).unwrap().verdict;
    assert_eq!(verdict(base().lost(&site, 2.5)), Verdict::Missed);
    let graded = Known::default().lost(&format!("{TCM}/1"), 0.0);
    assert_eq!(graded.municipal(TCM).item(&format!("{TCM}/1")).unwrap().verdict, Verdict::Met);
    assert_eq!(graded.points(1), points(3.0, 0.0, 0.0, 0.0));
}

#[test]
fn settlement_is_held_against_the_year_before() {
    let last_year = |share| {
        Known::default()
            .number("settlement.smart_share.last_year", share)
            .number("settlement.ward_smart_share.last_year", 0.9)
            .measured("settlement.smart_share", 0.92, 0.91, 0.93)
            .measured("settlement.ward_smart_share", 0.95, 0.94, 0.96)
            .measured("settlement.electronic_receipt_share", 1.0, 1.0, 1.0)
    };
    assert_eq!(last_year(0.9).points(17), points(6.0, 0.0, 0.0, 0.0));
    assert_eq!(last_year(0.92).points(17), points(4.0, 0.0, 2.0, 0.0));
    assert_eq!(last_year(0.95).points(17), points(4.0, 2.0, 0.0, 0.0));
    let mut known = last_year(0.95);
    known.counted.remove("settlement.smart_share.last_year");
    assert_eq!(known.points(17), points(4.0, 0.0, 0.0, 2.0));
    let check = known.municipal(TCM).check(&format!("{TCM}/17a")).unwrap().clone();
    assert_eq!((check.verdict, check.value), (Verdict::NotAssessed, Some(Counted::Number(0.92))));
    let said = Answer { last_year: Some(Quantity::share(0.9)), ..Answer::default() };
    known.answers.insert(format!("{TCM}/17a"), said);
    assert_eq!(known.points(17), points(6.0, 0.0, 0.0, 0.0));
}

#[test]
fn parking_tasks_do_not_arise_where_parking_is_no_trouble() {
    let open = Known::default();
    assert_eq!(open.points(19), points(0.0, 0.0, 0.0, 4.0));
    let no_trouble = Known::default().flag("parking.shortage", false);
    assert_eq!(no_trouble.points(19), points(4.0, 0.0, 0.0, 0.0));
    assert_eq!(no_trouble.municipal(TCM).item(&format!("{TCM}/19")).unwrap().verdict, Verdict::NotApplicable);
    let trouble = Known::default().flag("parking.shortage", true).flag("parking.off_peak_nearby", false);
    assert_eq!(trouble.points(19), points(0.0, 4.0, 0.0, 0.0));
    let mut said = trouble;
    said.answers.insert(format!("{TCM}/19"), Answer { exempt: Some(true), ..Answer::default() });
    assert_eq!(said.points(19), points(4.0, 0.0, 0.0, 0.0));
}

#[test]
fn other_services_make_up_for_a_missing_shop_but_never_exceed_the_task() {
    let base = |shop, leisure| Known::default().flag("comfort.shops", shop).flag("comfort.leisure", leisure);
    let other = format!("{TCM}/5c");
    assert_eq!(base(false, true).yes(&other).points(5), points(4.0, 0.0, 0.0, 0.0));
    assert_eq!(base(false, false).yes(&other).points(5), points(2.0, 2.0, 0.0, 0.0));
    assert_eq!(base(true, true).yes(&other).points(5), points(4.0, 0.0, 0.0, 0.0));
    let no_other = base(false, true).answer(&other, AnswerValue::Flag(false));
    assert_eq!(no_other.points(5), points(2.0, 2.0, 0.0, 0.0));
    // While nobody has said whether there are others, the two points are not lost for certain.
    assert_eq!(base(false, true).points(5), points(2.0, 0.0, 0.0, 2.0));
}

#[test]
fn the_bonus_is_gained_by_each_praise_and_ends_at_ten() {
    let praise = |province, city, talks, press| {
        Known::default()
            .count(&format!("{TCM}/23a"), province)
            .count(&format!("{TCM}/23b"), city)
            .count(&format!("{TCM}/23c"), talks)
            .count(&format!("{TCM}/23d"), press)
            .points(23)
    };
    let bonus = |held, not_assessed| PointsResult {
        most: 10.0,
        held,
        not_assessed,
        is_bonus: true,
        ..PointsResult::default()
    };
    assert_eq!(praise(0.0, 0.0, 0.0, 0.0), bonus(0.0, 0.0));
    assert_eq!(praise(1.0, 0.0, 0.0, 2.0), bonus(9.0, 0.0));
    assert_eq!(praise(1.0, 1.0, 1.0, 1.0), bonus(10.0, 0.0));
    assert_eq!(Known::default().points(23), bonus(0.0, 10.0));
}

#[test]
fn the_score_of_an_unknown_hospital_is_wholly_open_but_for_what_no_rule_can_take() {
    let card = Known::default().municipal(TCM);
    let score = card.score.unwrap();
    assert_eq!((score.points.most, score.points.lost, score.at_most), (100.0, 0.0, 110.0));
    // Rules of tasks 13, 22 can take at most 6 of 6 and 2 of 4 points; every other task can lose all it has.
    assert_eq!(score.points.held, 2.0);
    assert_eq!(score.points.not_assessed, 98.0);
    assert_eq!(score.bonus.unwrap().most, 10.0);
    let of_groups: f64 = card.groups.iter().filter_map(|group| group.points).map(|points| points.most).sum();
    assert_eq!(of_groups, 100.0);
}

#[test]
fn a_hospital_that_does_everything_holds_all_points() {
    let mut answers = Answers::default();
    for (_, check) in document(TCM).unwrap().checks() {
        let value = match check.threshold.clone() {
            Some(Threshold::Flag(flag)) => AnswerValue::Flag(flag),
            Some(Threshold::Quantity(quantity)) => AnswerValue::Quantity(quantity),
            _ => continue,
        };
        answers.insert(check.id.clone(), Answer { value: Some(value), ..Answer::default() });
    }
    let known = Known {
        answers,
        ..Known::default()
            .number("settlement.smart_share.last_year", 0.8)
            .number("settlement.ward_smart_share.last_year", 0.8)
            .measured("settlement.smart_share", 0.92, 0.91, 0.93)
            .measured("settlement.ward_smart_share", 0.95, 0.94, 0.96)
            .measured("settlement.electronic_receipt_share", 1.0, 1.0, 1.0)
    };
    let card = known.municipal(TCM);
    assert_eq!(
        card.summary.met,
        23,
        "{:#?}",
        card.items.iter().filter(|i| i.verdict != Verdict::Met).collect::<Vec<_>>()
    );
    let score = card.score.unwrap();
    assert_eq!((score.points.held, score.at_least, score.at_most), (100.0, 110.0, 110.0));
}

#[test]
fn documents_without_points_have_no_score() {
    let card = Known::default().municipal("shaoxing-2018");
    assert!(card.score.is_none() && card.groups.iter().all(|group| group.points.is_none()));
}

#[test]
fn a_township_health_centre_is_asked_what_the_form_asks_of_it() {
    let card =
        Known::default().held_against(document("shaoxing-2018").unwrap(), HospitalClass::Township, None);
    let asked: Vec<&str> = card
        .items
        .iter()
        .filter(|item| item.verdict != Verdict::NotApplicable)
        .map(|item| item.id.split_once('/').unwrap().1)
        .collect();
    assert_eq!(asked, ["3", "4", "19", "21", "22", "23", "27", "30", "31"]);
}

#[test]
fn results_are_written_with_words_and_numbers() {
    let known = Known::default()
        .measured("registration.on_site.wait_time.mean", 300.0, 290.0, 310.0)
        .flag("booking.real_name", true);
    let json = serde_json::to_value(known.municipal("shaoxing-2018")).unwrap();
    let check = &json["items"][2]["checks"][0];
    assert_eq!(check["verdict"], "met");
    assert_eq!(check["kind"], "measured");
    assert_eq!(check["threshold"], 600.0);
    assert_eq!(check["unit"], "s");
    assert_eq!(
        (&check["value"], &check["low"], &check["high"], &check["n"]),
        (
            &serde_json::json!(300.0),
            &serde_json::json!(290.0),
            &serde_json::json!(310.0),
            &serde_json::json!(20),
        )
    );
    assert_eq!(json["items"][0]["checks"][2]["value"], true);
    assert_eq!(json["items"][9]["verdict"], "not_simulated_yet");
}

#[test]
fn a_document_of_the_users_own_is_scored_like_any_other() {
    let text = r#"
format = "onetrip-targets-1"
id = "mine"
title = { en = "Mine", zh = "本院" }
place = { en = "Here", zh = "本地" }
issued = "2026"
points = 5
[[group]]
id = "all"
title = { en = "All", zh = "全部" }
[[item]]
id = "mine/1"
group = "all"
title = { en = "Wait at the pharmacy", zh = "取药等候" }
source = "row 1"
applies_to = ["all"]
points = 5
[[item.check]]
id = "mine/1"
kind = "measured"
measure = "pharmacy.wait_time.mean"
comparison = "at_most"
threshold = "10 min"
deduction = { once = 3 }
"#;
    let document = read_document(Document::parse("mine.toml", text)).unwrap().value;
    let known = Known::default().measured("pharmacy.wait_time.mean", 700.0, 650.0, 750.0);
    let card = known.held_against(&document, HospitalClass::Township, None);
    assert_eq!(card.items[0].verdict, Verdict::Missed);
    let score = card.score.unwrap();
    assert_eq!((score.points, score.bonus), (points(2.0, 3.0, 0.0, 0.0), None));
}
