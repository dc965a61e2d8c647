//! What a value of a scenario is called: `station.pharmacist.servers` is the number at the pharmacist's window. The titles
//! are those of the scenario's own places; a path of which nothing is known stands for itself.

use crate::stress::name_of;
use crate::words::{Language, Words};
use onetrip_models::system::System;

/// Values of a hospital that belong to no place.
const WHOLE: &[(&str, &str, &str)] = &[
    ("annual_visits", "visits a year", "年门诊量"),
    ("demand.visits_per_day", "visits a day", "日门诊量"),
    ("demand.day_factor_cv", "variation from day to day", "日间波动"),
    ("demand.peak_hour_share", "share of the busiest hour", "最忙小时占比"),
    ("demand.booked_share", "share booked ahead", "预约占比"),
    ("demand.no_show_share", "share of bookings not kept", "爽约率"),
    ("registration.phone_share_of_walk_ins", "walk-ins who register by phone", "现场患者手机挂号占比"),
    ("registration.prefers_kiosk_share", "share who prefer a kiosk", "偏好自助机者占比"),
    ("registration.prefers_window_share", "share who prefer a window", "偏好窗口者占比"),
    ("registration.kiosks.failed_use_share", "uses of a kiosk that fail", "自助机操作失败率"),
    ("check_in.phone_share", "share who check in by phone", "手机报到占比"),
    ("check_in.kiosk_share", "share who check in at a kiosk", "自助报到占比"),
    ("consultation.first_time", "time of a first consultation", "首诊时间"),
    ("consultation.return_time", "time of a consultation with results", "复诊看报告时间"),
    ("consultation.segments.length", "length of a booked segment", "预约时段长度"),
    ("consultation.segments.capacity_per_doctor", "bookings per doctor and segment", "每医生每时段号源数"),
    ("consultation.returns_with_results_share", "share who come back with results", "携报告复诊占比"),
    ("consultation.medicine_share", "share prescribed medicine", "开药占比"),
    ("settlement.after_care_share", "share who settle after care", "诊后付费占比"),
    ("settlement.electronic_receipt_share", "share of electronic receipts", "电子票据占比"),
    ("pharmacy.hand_over_time", "time to hand medicine over", "发药时间"),
    ("pharmacy.picking_time", "time to pick medicine", "配药时间"),
    ("walking.default_time", "way between two places", "步行时间"),
    ("run.horizon", "length of a run", "运行时长"),
    ("run.warm_up", "warm-up", "预热时长"),
];

/// Values of a place.
const OF_PLACE: &[(&str, &str, &str)] = &[
    ("count", "number", "数量"),
    ("servers", "number", "数量"),
    ("shifts", "number by time of day", "分时段数量"),
    ("doctors", "doctors", "医生数"),
    ("doctors.morning", "doctors in the morning", "上午医生数"),
    ("doctors.afternoon", "doctors in the afternoon", "下午医生数"),
    ("doctors.evening", "doctors in the evening", "晚间医生数"),
    ("share", "share of visits", "就诊占比"),
    ("service_time", "service time", "服务时间"),
    ("task_times.collect_number", "time to collect a number", "取号时间"),
    ("task_times.register", "time to register", "挂号时间"),
    ("task_times.register_first_time", "time of a first registration", "首次建档挂号时间"),
    ("first_time", "time of a first consultation", "首诊时间"),
    ("return_time", "time of a consultation with results", "复诊看报告时间"),
    ("report_time", "time until the report", "出报告时间"),
    ("preparation_time", "preparation", "准备时间"),
    ("timed.share", "share booked to a time", "分时段预约占比"),
    ("timed.segment_length", "length of a booked segment", "预约时段长度"),
    ("timed.capacity_per_machine", "bookings per machine and segment", "每机每时段号源数"),
    ("other_day_share", "share done on another day", "另日检查占比"),
    ("medicine_share", "share prescribed medicine", "开药占比"),
    ("rate", "arrival rate", "到达率"),
    ("capacity", "room for", "容量"),
    ("discipline", "order of the queue", "排队规则"),
    ("patience", "patience", "耐心时间"),
    ("failures.time_to_failure", "time between failures", "故障间隔"),
    ("failures.repair_time", "time to repair", "修复时间"),
    ("time_to_failure", "time between failures", "故障间隔"),
    ("repair_time", "time to repair", "修复时间"),
];

/// What of a law is set.
const OF_LAW: &[(&str, &str, &str)] = &[
    ("mean", "mean", "均值"),
    ("median", "median", "中位数"),
    ("cv", "coefficient of variation", "变异系数"),
    ("sd", "standard deviation", "标准差"),
    ("value", "value", "取值"),
];

/// What the value at a path is called in this system.
pub(crate) fn title_of(path: &str, system: &System) -> Words {
    let whole = known(path, WHOLE).or_else(|| of_place(path, system));
    whole.unwrap_or_else(|| Words::same(path))
}

/// A setting as it was written, `PATH=VALUE`, with the value's title: `self-service kiosks: number = 40`.
pub(crate) fn titled(assignment: &str, system: &System) -> Words {
    let Some((path, value)) = assignment.split_once('=') else { return Words::same(assignment) };
    let (title, value) = (title_of(path.trim(), system), value.trim());
    Words::new(format!("{} = {value}", title.en), format!("{} = {value}", title.zh))
}

fn find(path: &str, list: &[(&str, &str, &str)]) -> Option<Words> {
    let (_, en, zh) = list.iter().find(|(known, ..)| *known == path)?;
    Some(Words::new(*en, *zh))
}

/// A value of a list, or what is set of its law.
fn known(path: &str, list: &[(&str, &str, &str)]) -> Option<Words> {
    find(path, list).or_else(|| {
        let (of, part) = path.rsplit_once('.')?;
        let (of, part) = (find(of, list)?, find(part, OF_LAW)?);
        Some(Words::new(format!("{}, {}", of.en, part.en), format!("{}（{}）", of.zh, part.zh)))
    })
}

fn of_place(path: &str, system: &System) -> Option<Words> {
    if let Some((name, rest)) = path.strip_prefix("arrivals.").and_then(|rest| rest.split_once('.'))
        && system.sources().contains(&name)
    {
        return Some(joined(&Words::same(name), &known(rest, OF_PLACE)?));
    }
    let place = path.strip_prefix("station.").unwrap_or(path);
    let place = place.strip_prefix("department.").map_or(place.to_owned(), |id| format!("consultation.{id}"));
    let stations = system.stations().iter();
    let label = stations
        .filter(|label| {
            place.strip_prefix(&label.id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
        .max_by_key(|label| label.id.len())?;
    let rest = place[label.id.len()..].trim_start_matches('.');
    // A shift table stands for the number on duty.
    let rest = if rest.is_empty() { "count" } else { rest };
    Some(joined(&name_of(&label.title, &label.id), &known(rest, OF_PLACE)?))
}

fn joined(place: &Words, value: &Words) -> Words {
    let zh = place.in_language(Language::Chinese);
    Words::new(format!("{}: {}", place.en, value.en), format!("{zh}：{}", value.zh))
}

#[cfg(test)]
mod tests {
    use super::*;
    use onetrip_models::hospital::Hospital;
    use onetrip_models::network::Network;
    use onetrip_scenarios::library;
    use onetrip_scenarios::load::{Scenario, load};

    fn system(name: &str) -> System {
        let document = library::find(name).expect("it is embedded").document();
        match load(document).expect("it is right").value {
            Scenario::Network(spec) => System::Network(Network::new(*spec).expect("it compiles")),
            Scenario::Hospital(described) => {
                System::Hospital(Hospital::new(described.hospital).expect("it compiles"))
            }
        }
    }

    #[test]
    fn values_have_the_titles_of_their_places() {
        let county = system("county-2016");
        let title = |path: &str| {
            let words = title_of(path, &county);
            [words.en, words.zh]
        };
        assert_eq!(title("registration.windows.count"), ["registration windows: number", "挂号窗口：数量"]);
        assert_eq!(title("registration.windows"), title("registration.windows.count"));
        assert_eq!(title("demand.visits_per_day"), ["visits a day", "日门诊量"]);
        assert_eq!(
            title("department.surgery.doctors.morning"),
            ["surgery: doctors in the morning", "外科：上午医生数"]
        );
        assert_eq!(
            title("consultation.first_time.mean"),
            ["time of a first consultation, mean", "首诊时间（均值）"]
        );
        assert_eq!(title("examination.ct.service_time.cv")[1], "CT：服务时间（变异系数）");
        let pharmacy = system("mm1-pharmacy");
        assert_eq!(title_of("station.pharmacist.servers", &pharmacy).en, "pharmacist: number");
        assert_eq!(title_of("arrivals.cars.rate", &pharmacy).zh, "cars：到达率");
    }

    #[test]
    fn what_has_no_title_stands_for_itself() {
        let pharmacy = system("mm1-pharmacy");
        assert_eq!(
            title_of("station.pharmacist.unheard_of", &pharmacy),
            Words::same("station.pharmacist.unheard_of")
        );
        assert_eq!(titled("station.pharmacist.servers=2", &pharmacy).en, "pharmacist: number = 2");
    }
}
