//! Random hospitals from one number, through the reader of files: books, threads, common luck.

use super::dice::Dice;
use super::ledger::{Ledger, Rules};
use super::{Draws, for_each_number};
use crate::door;
use crate::watching::film;
use onetrip_models::hospital::Hospital;
use onetrip_models::system::System;
use onetrip_studies::film::Film;
use onetrip_studies::replicate::{ReplicationCount, RunSettings, Silent, replicate};
use onetrip_studies::statistics::interval::Level;
use std::fmt::Write;

const HOSPITALS: u64 = 120;

impl Dice {
    fn percent(&mut self, low: u32, high: u32) -> String {
        format!("\"{} %\"", self.between(low, high))
    }

    /// Who is on duty from the morning on, and perhaps once more in the afternoon.
    fn shifts(&mut self, least: u32, most: u32) -> String {
        let morning = self.between(least, most);
        match self.below(3) {
            0 => format!("{{ \"07:00-17:30\" = {morning} }}"),
            1 => {
                format!("{{ \"07:30-11:50\" = {morning}, \"12:40-16:30\" = {} }}", self.between(least, most))
            }
            _ => {
                format!("{{ \"07:00-12:00\" = {morning}, \"11:00-15:00\" = {} }}", self.between(least, most))
            }
        }
    }

    /// Shares of three ways that add up to 100 %.
    fn mix(&mut self, ways: [&str; 3]) -> String {
        let first = self.between(10, 60);
        let second = self.between(5, 30);
        let [a, b, c] = ways;
        format!("{{ {a} = \"{first} %\", {b} = \"{second} %\", {c} = \"{} %\" }}", 100 - first - second)
    }

    fn tasks(&mut self, table: &str) -> String {
        format!(
            "[registration.{table}.task_times]\ncollect_number = {}\nregister = {}\nregister_first_time = {}\n",
            self.law(0.5),
            self.law(1.0),
            self.law(2.0)
        )
    }

    /// A hospital with any features that go together. With `is_plain` nobody's way hangs on how long others take: one
    /// kind of window, no patience, no failing machines, everybody is served whatever the hour.
    pub(super) fn hospital(&mut self, is_plain: bool) -> String {
        let mut text = String::from(
            "format = \"hospital/1\"\nname = \"random\"\nrank = \"county\"\nannual_visits = 50000\n",
        );
        let _ = write!(
            text,
            "[demand]\nvisits_per_day = {}\nday_factor_cv = 0.{}\npeak_hour_share = \"15 %\"\nprofile = {{ \
             \"07:30-09:00\" = \"45 %\", \"09:00-11:00\" = \"25 %\", \"13:00-15:00\" = \"30 %\" }}\nbooked_share = {}\n\
             no_show_share = {}\npunctuality = {{ law = \"normal\", mean = \"-{} min\", sd = \"12 min\" }}\n",
            self.between(5, 260),
            self.below(4),
            self.percent(0, 90),
            self.percent(0, 30),
            self.between(0, 20),
        );
        let mobile = self.between(20, 80);
        let _ = write!(
            text,
            "[[booking_channel]]\nid = \"mobile\"\nshare = \"{mobile} %\"\nnumber_in_hand = true\n[[booking_channel]]\n\
             id = \"phone\"\nshare = \"{} %\"\nnumber_in_hand = false\n",
            100 - mobile
        );
        let elderly = self.between(10, 50);
        let _ = write!(
            text,
            "[[class]]\nid = \"ordinary\"\nname = \"ordinary\"\ngroup = \"ordinary\"\nshare = \"{} %\"\n[[class]]\n\
             id = \"elderly\"\nname = \"elderly\"\ngroup = \"elderly\"\nshare = \"{elderly} %\"\nkiosk_able_share = {}\n\
             uses_priority_windows = {}\ngoes_first_at_consultation = {}\nwalking_factor = 1.{}\n",
            100 - elderly,
            self.percent(0, 100),
            self.one_in(2),
            self.one_in(2),
            self.below(9),
        );
        self.front(&mut text, is_plain);
        let departments = self.consultation(&mut text, is_plain);
        self.departments(&mut text, departments);
        self.examinations(&mut text, is_plain);
        self.back(&mut text);
        if !is_plain {
            self.trouble(&mut text);
        }
        text
    }

    /// What goes wrong on a day: a booking system at its limit, places that are out, a department in demand.
    fn trouble(&mut self, text: &mut String) {
        if self.one_in(3) {
            let _ = write!(text, "[booking_system]\npatients_per_hour = {}\n", self.between(60, 600));
        }
        for _ in 0..self.below(3) {
            let from = self.between(7, 14);
            let _ = write!(
                text,
                "[[outage]]\nplace = \"{}\"\nfrom = \"{from:02}:10\"\nto = \"{:02}:30\"\nwork_in_hand = \"{}\"\n",
                self.pick(&[
                    "registration.windows",
                    "registration.kiosks",
                    "examination.laboratory",
                    "consultation.d0",
                    "pharmacy.windows",
                    "settlement.phone",
                    "settlement.in_room",
                ]),
                from + self.between(0, 2),
                self.pick(&["finish", "hand_over"])
            );
        }
        if self.one_in(3) {
            let _ = write!(text, "[[surge]]\ndepartment = \"d0\"\nfactor = 1.{}\n", self.between(1, 9));
        }
    }

    fn front(&mut self, text: &mut String, is_plain: bool) {
        let _ = write!(
            text,
            "[registration]\nphone_share_of_walk_ins = {}\nreturning_registers_share = {}\nfirst_time_share = {}\n\
             prefers_kiosk_share = {}\nidentity_documents = [\"identity_card\"]\n",
            self.percent(0, 60),
            self.percent(0, 100),
            self.percent(0, 30),
            self.percent(0, 30),
        );
        if !is_plain && self.one_in(2) {
            let _ = writeln!(text, "patience = {}", self.law(12.0));
        }
        let _ =
            write!(text, "[registration.windows]\nshifts = {}\n{}", self.shifts(1, 3), self.tasks("windows"));
        if !is_plain && self.one_in(2) {
            let _ = write!(
                text,
                "[registration.priority_windows]\nshifts = {}\ngroups = [\"elderly\"]\n",
                self.shifts(1, 1)
            );
        }
        let kiosks = if is_plain { "{}".to_owned() } else { self.shifts(1, 3) };
        let failed = if is_plain { 0 } else { self.below(30) };
        let _ = write!(text, "[registration.kiosks]\nshifts = {kiosks}\nfailed_use_share = \"{failed} %\"\n");
        if !is_plain && self.one_in(2) {
            let _ = write!(
                text,
                "failures = {{ time_to_failure = {{ law = \"exponential\", mean = \"70 min\" }}, repair_time = {} }}\n\
                 help_shifts = {}\n",
                self.law(10.0),
                self.shifts(0, 1)
            );
        }
        text.push_str(&self.tasks("kiosks"));
        let _ = write!(
            text,
            "[check_in]\nphone_share = {}\ndesk_shifts = {}\ndesk_time = {}\n",
            self.percent(0, 40),
            self.shifts(1, 2),
            self.law(0.4)
        );
    }

    /// Gives back how many departments there are.
    fn consultation(&mut self, text: &mut String, is_plain: bool) -> u32 {
        let rules = ["serve", "send_away", "hold"];
        let at_end = if is_plain { "serve" } else { self.pick(&rules) };
        let in_hand = if is_plain { "finish" } else { self.pick(&["finish", "send_away", "hand_over"]) };
        let _ = write!(
            text,
            "[consultation]\npattern = {}\nlate_after = \"{} min\"\nwaiting_at_session_end = \"{at_end}\"\n\
             work_in_hand = \"{in_hand}\"\nfirst_time = {}\nreturn_time = {}\nexaminations = {{ laboratory = {}, \
             ultrasound = {} }}\nreturns_with_results_share = {}\nmedicine_share = {}\n",
            self.pick(&[
                "[\"booked\", \"walk_in\", \"returning\"]",
                "[\"booked\", \"booked\", \"walk_in\", \"returning\"]",
                "[\"returning\", \"booked\", \"walk_in\", \"walk_in\"]",
            ]),
            self.between(10, 40),
            self.law(5.0),
            self.law(3.0),
            self.percent(0, 60),
            self.percent(0, 40),
            self.percent(0, 100),
            self.percent(0, 100),
        );
        if !is_plain && self.one_in(3) {
            let _ = writeln!(text, "patience = {}", self.law(40.0));
        }
        if self.one_in(2) {
            let _ = writeln!(
                text,
                "[consultation.segments]\nlength = \"{} min\"\ncapacity_per_doctor = {}",
                self.pick(&[10, 15, 30]),
                self.between(1, 6)
            );
        }
        let _ = write!(
            text,
            "[[consultation.session]]\nid = \"morning\"\nhours = \"08:00-11:30\"\n[[consultation.session]]\n\
             id = \"afternoon\"\nhours = \"13:30-16:30\"\nlate_start = \"{} min\"\n",
            self.below(12)
        );
        self.between(1, 3)
    }

    fn departments(&mut self, text: &mut String, count: u32) {
        for index in 0..count {
            let share = if index + 1 == count { 100 - 30 * (count - 1) } else { 30 };
            let _ = write!(
                text,
                "[[department]]\nid = \"d{index}\"\nname = \"d{index}\"\nshare = \"{share} %\"\n\
                 doctors = {{ morning = {}, afternoon = {} }}\n",
                self.between(1, 4),
                self.between(1, 2)
            );
            if self.one_in(2) {
                let _ = writeln!(text, "first_time = {}", self.law(6.0));
            }
        }
    }

    fn examinations(&mut self, text: &mut String, is_plain: bool) {
        let _ = write!(
            text,
            "[examination_booking]\nsingle = {}\nseveral = {}\ndesk_shifts = {}\ncentre_shifts = {}\n",
            self.mix(["in_room", "desk", "centre"]),
            self.mix(["in_room", "desk", "centre"]),
            self.shifts(1, 2),
            self.shifts(1, 2),
        );
        for id in ["laboratory", "ultrasound"] {
            let _ = write!(
                text,
                "[[examination]]\nid = \"{id}\"\nname = \"{id}\"\nshifts = {}\nservice_time = {}\nreport_time = {}\n",
                self.shifts(1, 3),
                self.law(4.0),
                self.law(15.0)
            );
            if !is_plain && self.one_in(3) {
                let _ = writeln!(
                    text,
                    "failures = {{ time_to_failure = {{ law = \"exponential\", mean = \"90 min\" }}, repair_time = {} }}",
                    self.law(12.0)
                );
            }
            if !is_plain && self.one_in(3) {
                let _ = writeln!(
                    text,
                    "timed = {{ share = {}, segment_length = \"30 min\", capacity_per_machine = {} }}",
                    self.percent(10, 90),
                    self.between(1, 6)
                );
            }
        }
    }

    fn back(&mut self, text: &mut String) {
        let _ = write!(
            text,
            "[settlement]\nregistration_fee = {}\nafter_consultation = {}\nshares_registration_windows = true\n\
             shares_registration_kiosks = true\nelectronic_receipt_share = \"0 %\"\ninstruments = [\"cash\"]\n\
             third_party_platforms = []\nidentity_documents = [\"identity_card\"]\nward_modes = []\n\
             [settlement.times]\nin_room = {}\nkiosk = {}\nphone = {}\nwindow = {}\n",
            self.one_in(2),
            self.mix(["in_room", "phone", "window"]),
            self.law(0.4),
            self.law(0.8),
            self.law(0.6),
            self.law(0.8),
        );
        let _ = write!(
            text,
            "[pharmacy]\nwindows = {}\nhand_over_time = {}\npicking_time = {}\npre_dispensing = {{ share = {}, \
             preparation_time = {} }}\n[walking]\ndefault_time = \"{} s\"\npace_cv = 0.{}\n",
            self.shifts(1, 3),
            self.law(0.6),
            self.law(1.0),
            self.percent(0, 100),
            self.law(5.0),
            self.between(10, 150),
            self.below(4),
        );
    }
}

fn hospital_of(system: &System) -> &Hospital {
    match system {
        System::Hospital(hospital) => hospital,
        _ => panic!("a hospital is needed"),
    }
}

#[test]
fn an_independent_observer_comes_to_the_same_books_of_a_hospital() {
    for_each_number(HOSPITALS, |number| {
        let text = Dice::new(10_000 + number).hospital(false);
        let system = door::hospital(&text, &[]);
        let mut account = system.account();
        let mut seen = Film::default();
        let end = system
            .runner()
            .run_watched(door::luck(number, 0), &mut account, &mut seen)
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        let ledger = Ledger::of(Rules::of_hospital(hospital_of(&system)), seen.records(), end.at);
        ledger.compare(&account.statistics, &text);
    });
}

#[test]
fn threads_do_not_change_a_bit_of_a_hospital() {
    for_each_number(12, |number| {
        let text = Dice::new(11_000 + number).hospital(false);
        let system = door::hospital(&text, &[]);
        let settings = RunSettings {
            rng_seed: number,
            replications: ReplicationCount::Fixed(5),
            days: 1,
            level: Level::P95,
        };
        let with_threads = |count: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("threads");
            pool.install(|| replicate(&system, &settings, &Silent))
                .unwrap_or_else(|error| panic!("{error}\n{text}"))
        };
        let (one, two) = (with_threads(1), with_threads(2));
        assert_eq!(one.account, two.account, "{text}");
        assert_eq!(one.event_count, two.event_count);
        for (one, two) in one.measures.iter().zip(&two.measures) {
            let bits = |values: &[Option<f64>]| -> Vec<Option<u64>> {
                values.iter().map(|value| value.map(f64::to_bits)).collect()
            };
            assert_eq!(bits(&one.values), bits(&two.values), "{text}");
        }
    });
}

#[test]
fn a_change_at_the_laboratory_moves_no_arrival_and_no_other_service() {
    let mut compared = 0;
    let services_compared = std::cell::RefCell::new(&mut compared);
    for_each_number(25, |number| {
        let text = Dice::new(12_000 + number).hospital(true);
        let run = |settings: &[&str]| {
            let system = door::hospital(&text, settings);
            let laboratory =
                system.stations().iter().position(|station| station.id == "examination.laboratory");
            let laboratory = laboratory.unwrap_or_else(|| panic!("no laboratory among the stations"));
            let film = film(&system, door::luck(number, 0)).unwrap_or_else(|error| panic!("{error}\n{text}"));
            (super::draws(&film), laboratory as u16)
        };
        let (before, laboratory) = run(&[]);
        let (after, _) = run(&[
            "examination.laboratory.shifts={ \"06:00-22:00\" = 9 }",
            "examination.laboratory.service_time=11 s",
        ]);
        assert_eq!(before.0, after.0, "{text}");
        // Which way a patient goes may hang on the hour, so services are compared where both have them.
        let elsewhere = |draws: &Draws| -> Draws {
            let mut kept = draws.clone();
            kept.1.retain(|(.., station), _| *station != laboratory);
            kept
        };
        let (before, after) = (elsewhere(&before).1, elsewhere(&after).1);
        for (who, times) in &before {
            let Some(others) = after.get(who) else { continue };
            for (before, after) in times.iter().zip(others) {
                assert_eq!(before, after, "{who:?}\n{text}");
                **services_compared.borrow_mut() += 1;
            }
        }
    });
    assert!(compared > 5_000, "only {compared} services were compared");
}
