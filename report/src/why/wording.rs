//! Causes and steps in words.

use crate::document::ScenarioPart;
use crate::words::{Language, Words};
use onetrip_models::hospital::{Booking, PauseKind};
use onetrip_models::system::{StationLabel, System};
use onetrip_scenarios::quantity::write_clock;
use onetrip_studies::film::PatientId;
use onetrip_studies::why::{self, Cause, Piece};

/// Name and definition of a cause.
pub(super) fn cause(cause: Cause, system: &System, scenario: &ScenarioPart) -> (Words, Words) {
    let pair = |title: (&str, &str), definition: (&str, &str)| {
        (Words::new(title.0, title.1), Words::new(definition.0, definition.1))
    };
    match cause {
        Cause::Behind => pair(
            ("behind others", "排在他人之后"),
            (
                "In line while somebody serves, and the last one called had come earlier, or nobody was called yet.",
                "排队中且有人服务；最近被叫到者先到，或尚未叫号。",
            ),
        ),
        Cause::Overtaken => pair(
            ("overtaken", "被后来者先叫"),
            (
                "In line from the call of somebody who had come later (by rank, booking or the turn of another lane) until \
                 the next call.",
                "排队中，自后到者（因优先级、预约或其他队列轮次）先被叫号起，至下一次叫号止。",
            ),
        ),
        Cause::NotOpenYet => pair(
            ("staff off duty: not open yet", "无人在岗：尚未开放"),
            ("In line where nobody has been on duty since midnight.", "排队中，该处自零点起尚无人上岗。"),
        ),
        Cause::OffDuty => pair(
            ("staff off duty: break or closed", "无人在岗：午休或已停"),
            (
                "In line where somebody was on duty earlier that day and nobody is now.",
                "排队中，该处当日曾有人在岗而此时无人。",
            ),
        ),
        Cause::MachineDown => pair(
            ("machine down", "设备故障"),
            (
                "In line while staff is there but no machine is in order; where some are, only for as many of the first in \
                 line as the failed machines would serve.",
                "排队中，有人在岗而设备均故障；部分故障时，仅计排在最前、本可由故障设备服务者。",
            ),
        ),
        Cause::Blocked => pair(
            ("held: the next place is full", "下一处已满而滞留"),
            ("Served, but held because the next station is full.", "已办完，但因下一站点已满而滞留。"),
        ),
        Cause::Served => pair(
            ("being served", "接受服务"),
            ("From the start of a service to its end.", "自开始服务至结束。"),
        ),
        Cause::ServedInVain => pair(
            ("served in vain", "服务作废"),
            (
                "Service that was broken off and had to begin all over, or came to nothing.",
                "被中断后须重做，或未能完成的服务时间。",
            ),
        ),
        Cause::Pause(kind) => {
            let kind = usize::from(kind);
            let title = scenario.pause_kinds.get(kind).map_or_else(Words::default, |kind| kind.title.clone());
            let definition = match system {
                System::Hospital(_) => PauseKind::ALL.get(kind).map(|&kind| pause(kind)).unwrap_or_default(),
                System::Network(_) => {
                    Words::new("A pause of this name in the scenario.", "情景中以此命名的停留。")
                }
            };
            (title, definition)
        }
    }
}

fn pause(kind: PauseKind) -> Words {
    match kind {
        PauseKind::Walking => Words::new("Walking between places.", "各处之间步行。"),
        PauseKind::AwaitingResults => Words::new(
            "From the end of the last examination until the last report of the day is ready.",
            "自末项检查结束至当日最后一份报告出具。",
        ),
        PauseKind::AwaitingMedicine => {
            Words::new("At the pharmacy, until the medicine is prepared.", "在药房等待药品配好。")
        }
        PauseKind::AwaitingSession => Words::new(
            "Before the beginning of the session: the patient is early, or the doctors are away between sessions.",
            "门诊班次开始之前：患者早到，或两班次之间医生不在。",
        ),
        PauseKind::AwaitingSlot => Words::new(
            "Before the booked time of an examination: the patient's own earliness.",
            "检查预约时间之前：患者早到。",
        ),
        PauseKind::Preparing => Words::new("Getting ready for an examination.", "检查前准备。"),
        PauseKind::PayingByPhone => Words::new("Paying by phone.", "用手机缴费。"),
    }
}

/// What a patient does in a step.
pub(super) fn step(piece: &Piece, title: &Words, stations: &[StationLabel]) -> Words {
    let name = piece.station.and_then(|station| stations.get(station.index())).map(|label| &label.title);
    let Some(name) = name else { return title.clone() };
    let (en, zh) = match piece.cause {
        Cause::Served => ("{}: served", "{}：办理"),
        Cause::ServedInVain => ("{}: served in vain", "{}：服务作废"),
        Cause::Blocked => ("held until there is room: {}", "滞留待空位：{}"),
        Cause::Pause(_) => {
            return Words::new(
                format!("{} → {}", title.en, name.en),
                format!("{} → {}", title.in_language(Language::Chinese), name.zh),
            );
        }
        _ => {
            return Words::new(
                format!("{}: {}", name.en, title.en),
                format!("{}：{}", name.zh, title.in_language(Language::Chinese)),
            );
        }
    };
    Words::new(en.replace("{}", &name.en), zh.replace("{}", &name.zh))
}

/// Who a patient is, for people.
pub(super) fn patient(system: &System, patient: PatientId) -> Words {
    let number = patient.number;
    if let Some(Booking { department, begins_at, place }) = why::booking(system, patient) {
        let (at, name) = (write_clock(begins_at), &department.name);
        return Words::new(
            format!("patient {place} booked for {at} at {}", name.en),
            format!("{}{at}预约的第{place}位患者", name.zh),
        );
    }
    match system {
        System::Hospital(_) if patient.is_booked() => {
            Words::new(format!("booked patient {number}"), format!("预约患者{number}"))
        }
        System::Hospital(_) => Words::new(format!("walk-in patient {number}"), format!("现场患者{number}")),
        System::Network(_) => {
            let source = system.sources().get(usize::from(patient.source)).map_or("", |name| *name);
            Words::new(format!("number {number} of {source}"), format!("{source}的{number}号"))
        }
    }
}
