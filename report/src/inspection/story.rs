//! The steps of a visit in words.

use crate::words::Words;
use onetrip_models::hospital::PauseKind;
use onetrip_models::system::StationLabel;
use onetrip_sim::model::StationId;
use onetrip_studies::inspection::story::Doing;

/// What a patient does, in both languages.
pub(super) fn words(doing: Doing, stations: &[StationLabel]) -> Words {
    let at = |station: StationId, en: &str, zh: &str| {
        let title = stations.get(station.index()).map(|label| &label.title);
        let (name_en, name_zh) = title.map_or(("?", "？"), |title| (title.en.as_str(), title.zh.as_str()));
        Words::new(en.replace("{}", name_en), zh.replace("{}", name_zh))
    };
    match doing {
        Doing::Arriving => Words::new("comes in", "进院"),
        Doing::Walking(Some(station)) => at(station, "walks to: {}", "步行前往{}"),
        Doing::Walking(None) => Words::new("walks", "步行"),
        Doing::Queueing(station) => at(station, "queues: {}", "{}排队"),
        Doing::QueueingInVain(station) => at(station, "queues in vain: {}", "{}排队未果"),
        Doing::Served(station) => at(station, "is served: {}", "{}办理"),
        Doing::BrokenOff(station) => at(station, "is interrupted: {}", "{}办理中断"),
        Doing::TurnedAway(station) => at(station, "finds no room: {}", "{}已满"),
        Doing::Pausing(kind) => pause(kind),
        Doing::Leaving => {
            Words::new("leaves, with everything done that could be done today", "当日能办的均已办完，离院")
        }
        Doing::LeavingUnseen => Words::new("leaves without having been seen", "未就诊离院"),
    }
}

fn pause(kind: PauseKind) -> Words {
    match kind {
        PauseKind::Walking => Words::new("walks", "步行"),
        PauseKind::AwaitingResults => Words::new("waits for results", "等待检查结果"),
        PauseKind::AwaitingMedicine => Words::new("waits for medicine that is being prepared", "等待配药"),
        PauseKind::AwaitingSession => Words::new("waits for the session to begin", "等待出诊开始"),
        PauseKind::AwaitingSlot => Words::new("waits for the booked time", "等待预约时段"),
        PauseKind::Preparing => Words::new("gets ready for the examination", "检查前准备"),
        PauseKind::PayingByPhone => Words::new("pays by phone", "手机缴费"),
    }
}
