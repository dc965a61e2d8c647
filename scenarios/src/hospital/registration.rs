//! Where a visit is registered and where patients say that they are here: `[registration]`, `[check_in]`.

use super::kinds::Shifts;
use crate::law::TimeLaw;
use crate::reader::key::{Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use crate::reader::kinds::{List, Name, Percentage};
use crate::reader::{Record, Table};
use onetrip_models::hospital::spec::{
    CheckIn, Kiosks, MachineFailures, Registration, Shift, TaskTimes, Windows,
};
use onetrip_sim::distribution::Distribution;

static COLLECT: Required<TimeLaw> = required("collect_number", TimeLaw, "a booked patient collects a number");
static REGISTER: Required<TimeLaw> = required("register", TimeLaw, "a walk-in takes a number of the day");
static REGISTER_FIRST: Required<TimeLaw> =
    required("register_first_time", TimeLaw, "a walk-in who is here for the first time has a card made too");
static TASK_TIMES: TableSpec = TableSpec {
    name: "task_times",
    doc: "how long a registration takes, by what is to be done",
    keys: &[&COLLECT, &REGISTER, &REGISTER_FIRST],
};
const TASKS: Record<TaskTimes> = Record { spec: &TASK_TIMES, read: read_task_times };

fn read_task_times(table: &Table<'_>) -> Option<TaskTimes> {
    let (collect, register, first) =
        (table.read(&COLLECT), table.read(&REGISTER), table.read(&REGISTER_FIRST));
    Some(TaskTimes { collect_number: collect?, register: register?, register_first_time: first? })
}

static TO_FAILURE: Required<TimeLaw> =
    required("time_to_failure", TimeLaw, "from repair to the next failure");
static REPAIR: Required<TimeLaw> = required("repair_time", TimeLaw, "from failure to repair");
static FAILURES: TableSpec = TableSpec {
    name: "failures",
    doc: "breakdowns of machines, each on its own, by calendar time",
    keys: &[&TO_FAILURE, &REPAIR],
};

/// `failures` of machines.
pub(super) const FAILURES_TABLE: Record<MachineFailures> = Record {
    spec: &FAILURES,
    read: |table| {
        let (to_failure, repair) = (table.read(&TO_FAILURE), table.read(&REPAIR));
        Some(MachineFailures { time_to_failure: to_failure?, repair_time: repair? })
    },
};

static WINDOW_SHIFTS: Required<Shifts> = required("shifts", Shifts, "how many windows are open when");
static WINDOW_TIMES: Required<Record<TaskTimes>> =
    required("task_times", TASKS, "time at the window, by task");
static WINDOWS_TABLE: TableSpec =
    TableSpec { name: "windows", doc: "staffed windows", keys: &[&WINDOW_SHIFTS, &WINDOW_TIMES] };
const WINDOWS_KIND: Record<Windows> = Record {
    spec: &WINDOWS_TABLE,
    read: |table| {
        let (shifts, times) = (table.read(&WINDOW_SHIFTS), table.read(&WINDOW_TIMES));
        Some(Windows { shifts: shifts?, task_times: times? })
    },
};

static PRIORITY_TIMES: Optional<Record<TaskTimes>> =
    optional("task_times", TASKS, "time at the window, by task; as at the ordinary windows when absent");
static PRIORITY_GROUPS: Required<List<Name>> =
    required("groups", List::at_least(1, Name), "groups of people they serve, as policy targets name them");
static PRIORITY_TABLE: TableSpec = TableSpec {
    name: "priority_windows",
    doc: "windows for the classes that may use them",
    keys: &[&WINDOW_SHIFTS, &PRIORITY_TIMES, &PRIORITY_GROUPS],
};
struct PriorityWindows {
    shifts: Vec<Shift>,
    task_times: Option<TaskTimes>,
    groups: Vec<String>,
}
const PRIORITY_KIND: Record<PriorityWindows> = Record {
    spec: &PRIORITY_TABLE,
    read: |table| {
        let (shifts, times, groups) =
            (table.read(&WINDOW_SHIFTS), table.read(&PRIORITY_TIMES), table.read(&PRIORITY_GROUPS));
        Some(PriorityWindows { shifts: shifts?, task_times: times?, groups: groups? })
    },
};

static KIOSK_SHIFTS: Required<Shifts> = required("shifts", Shifts, "how many machines are switched on when");
static KIOSK_TIMES: Required<Record<TaskTimes>> =
    required("task_times", TASKS, "time at the machine, by task");
static FAILED_USE: Defaulted<Percentage> = defaulted(
    "failed_use_share",
    Percentage,
    "\"0 %\"",
    "uses that end without a result after the time of the task, so that the patient goes to the help counter ÷ all uses",
);
static KIOSK_FAILURES: Optional<Record<MachineFailures>> = optional(
    "failures",
    FAILURES_TABLE,
    "breakdowns; a patient whose machine fails goes to the help counter",
);
static HELP_SHIFTS: Defaulted<Shifts> = defaulted(
    "help_shifts",
    Shifts,
    "{}",
    "how many help at the machines' counter when; where nobody does, those who need help go to a window",
);
static HELP_TIME: Defaulted<TimeLaw> =
    defaulted("help_time", TimeLaw, "\"2 min\"", "time at the help counter; the task is done there");
static KIOSKS_TABLE: TableSpec = TableSpec {
    name: "kiosks",
    doc: "self-service machines; they also take payments when `settlement` says so",
    keys: &[&KIOSK_SHIFTS, &KIOSK_TIMES, &FAILED_USE, &KIOSK_FAILURES, &HELP_SHIFTS, &HELP_TIME],
};
const KIOSKS_KIND: Record<Kiosks> = Record {
    spec: &KIOSKS_TABLE,
    read: |table| {
        let shifts = table.read(&KIOSK_SHIFTS);
        let task_times = table.read(&KIOSK_TIMES);
        let failed_use_share = table.read(&FAILED_USE);
        let failures = table.read(&KIOSK_FAILURES);
        let help_shifts = table.read(&HELP_SHIFTS);
        let help_time = table.read(&HELP_TIME);
        Some(Kiosks {
            shifts: shifts?,
            task_times: task_times?,
            failed_use_share: failed_use_share?.part(),
            failures: failures?,
            help_shifts: help_shifts?,
            help_time: help_time?,
        })
    },
};

static PHONE_SHARE: Required<Percentage> = required(
    "phone_share_of_walk_ins",
    Percentage,
    "walk-ins who register by phone on the spot and go straight to check-in ÷ walk-ins",
);
static RETURNING_SHARE: Required<Percentage> = required(
    "returning_registers_share",
    Percentage,
    "patients who return with results of an earlier day and need a new registration ÷ such patients",
);
static FIRST_TIME_SHARE: Required<Percentage> = required(
    "first_time_share",
    Percentage,
    "registering walk-ins who are here for the first time and need a card made ÷ registering walk-ins",
);
static PREFERS_KIOSK: Defaulted<Percentage> = defaulted(
    "prefers_kiosk_share",
    Percentage,
    "\"0 %\"",
    "of those able to use a kiosk: who takes one whatever the queues",
);
static PREFERS_WINDOW: Defaulted<Percentage> = defaulted(
    "prefers_window_share",
    Percentage,
    "\"0 %\"",
    "of those able to use a kiosk: who takes a window whatever the queues; the others look for the shortest queue per \
     server",
);
static PATIENCE: Optional<TimeLaw> = optional(
    "patience",
    TimeLaw,
    "after how long someone gives up the queue for a number and goes home; nobody does when absent",
);
static IDENTITY: Required<List<Name>> =
    required("identity_documents", List::at_least(1, Name), "identity documents that registration accepts");
static WINDOWS: Required<Record<Windows>> = required("windows", WINDOWS_KIND, "the ordinary windows");
static PRIORITY: Optional<Record<PriorityWindows>> = optional(
    "priority_windows",
    PRIORITY_KIND,
    "windows for those who may use them; there are none when absent",
);
static KIOSKS: Optional<Record<Kiosks>> =
    optional("kiosks", KIOSKS_KIND, "self-service machines; there are none when absent");

static REGISTRATION: TableSpec = TableSpec {
    name: "registration",
    doc: "where a visit is registered on site",
    keys: &[
        &PHONE_SHARE,
        &RETURNING_SHARE,
        &FIRST_TIME_SHARE,
        &PREFERS_KIOSK,
        &PREFERS_WINDOW,
        &PATIENCE,
        &IDENTITY,
        &WINDOWS,
        &PRIORITY,
        &KIOSKS,
    ],
};

/// `[registration]`.
pub(super) const REGISTRATION_TABLE: Record<Registration> =
    Record { spec: &REGISTRATION, read: read_registration };

fn read_registration(table: &Table<'_>) -> Option<Registration> {
    let phone_share = table.read(&PHONE_SHARE);
    let returning_share = table.read(&RETURNING_SHARE);
    let first_time_share = table.read(&FIRST_TIME_SHARE);
    let prefers_kiosk = table.read(&PREFERS_KIOSK);
    let prefers_window = table.read(&PREFERS_WINDOW);
    let patience: Option<Option<Distribution>> = table.read(&PATIENCE);
    let identity_documents = table.read(&IDENTITY);
    let windows = table.read(&WINDOWS);
    let priority = table.read(&PRIORITY);
    let kiosks = table.read(&KIOSKS);
    let windows = windows?;
    let (priority_windows, priority_groups) = match priority? {
        Some(priority) => {
            let task_times = priority.task_times.unwrap_or_else(|| windows.task_times.clone());
            (Windows { shifts: priority.shifts, task_times }, priority.groups)
        }
        None => (Windows { shifts: Vec::new(), task_times: windows.task_times.clone() }, Vec::new()),
    };
    let kiosks = kiosks?.unwrap_or_else(|| Kiosks {
        shifts: Vec::new(),
        task_times: windows.task_times.clone(),
        failed_use_share: 0.0,
        failures: None,
        help_shifts: Vec::new(),
        help_time: windows.task_times.register.clone(),
    });
    Some(Registration {
        windows,
        priority_windows,
        kiosks,
        phone_share_of_walk_ins: phone_share?.part(),
        returning_registers_share: returning_share?.part(),
        first_time_share: first_time_share?.part(),
        prefers_kiosk_share: prefers_kiosk?.part(),
        prefers_window_share: prefers_window?.part(),
        patience: patience?,
        identity_documents: identity_documents?,
        priority_groups,
    })
}

static CHECK_IN_PHONE: Defaulted<Percentage> =
    defaulted("phone_share", Percentage, "\"0 %\"", "check in by phone, which takes no time");
static CHECK_IN_KIOSK: Defaulted<Percentage> =
    defaulted("kiosk_share", Percentage, "\"0 %\"", "check in at a machine; the rest go to the desk");
static CHECK_IN_KIOSKS: Defaulted<Shifts> =
    defaulted("kiosk_shifts", Shifts, "{}", "machines switched on when, for all departments together");
static CHECK_IN_KIOSK_TIME: Defaulted<TimeLaw> =
    defaulted("kiosk_time", TimeLaw, "\"15 s\"", "time at the machine");
static CHECK_IN_DESKS: Defaulted<Shifts> =
    defaulted("desk_shifts", Shifts, "{}", "nurses at the desks when, for all departments together");
static CHECK_IN_DESK_TIME: Defaulted<TimeLaw> =
    defaulted("desk_time", TimeLaw, "\"20 s\"", "time at the desk");

static CHECK_IN: TableSpec = TableSpec {
    name: "check_in",
    doc: "how patients with a number say at the department that they are here",
    keys: &[
        &CHECK_IN_PHONE,
        &CHECK_IN_KIOSK,
        &CHECK_IN_KIOSKS,
        &CHECK_IN_KIOSK_TIME,
        &CHECK_IN_DESKS,
        &CHECK_IN_DESK_TIME,
    ],
};

/// `[check_in]`.
pub(super) const CHECK_IN_TABLE: Record<CheckIn> = Record { spec: &CHECK_IN, read: read_check_in };

fn read_check_in(table: &Table<'_>) -> Option<CheckIn> {
    let phone_share = table.read(&CHECK_IN_PHONE);
    let kiosk_share = table.read(&CHECK_IN_KIOSK);
    let kiosk_shifts = table.read(&CHECK_IN_KIOSKS);
    let kiosk_time = table.read(&CHECK_IN_KIOSK_TIME);
    let desk_shifts = table.read(&CHECK_IN_DESKS);
    let desk_time = table.read(&CHECK_IN_DESK_TIME);
    Some(CheckIn {
        phone_share: phone_share?.part(),
        kiosk_share: kiosk_share?.part(),
        kiosk_shifts: kiosk_shifts?,
        kiosk_time: kiosk_time?,
        desk_shifts: desk_shifts?,
        desk_time: desk_time?,
    })
}
