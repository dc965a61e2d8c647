//! Windows and kiosks of registration, and check-in.

use super::Shift;
use onetrip_sim::distribution::Distribution;

/// Where a visit is registered on site.
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    /// Ordinary windows; they also settle bills when `settlement.shares_registration_windows` says so.
    pub windows: Windows,
    /// Windows for the classes that may use them; no shifts where there are none.
    pub priority_windows: Windows,
    /// Self-service machines; they also take payments.
    pub kiosks: Kiosks,
    /// Walk-ins who register by phone on the spot and go straight to check-in ÷ walk-ins.
    pub phone_share_of_walk_ins: f64,
    /// Patients who return with results and need a new registration ÷ such patients.
    pub returning_registers_share: f64,
    /// Registering walk-ins who are here for the first time and need a card made ÷ registering walk-ins.
    pub first_time_share: f64,
    /// Of those able to use a kiosk: who takes one whatever the queues, as a share.
    pub prefers_kiosk_share: f64,
    /// Of those able to use a kiosk: who takes a window whatever the queues, as a share. The others look for the
    /// shortest queue per server.
    pub prefers_window_share: f64,
    /// After how long someone gives up the queue for a number and goes home; nobody does when absent.
    pub patience: Option<Distribution>,
    /// Identity documents that registration accepts.
    pub identity_documents: Vec<String>,
    /// Groups of people the priority windows serve, as words.
    pub priority_groups: Vec<String>,
}

/// Staffed windows.
#[derive(Clone, Debug, PartialEq)]
pub struct Windows {
    /// Who is on duty when.
    pub shifts: Vec<Shift>,
    /// Time at the window, by task.
    pub task_times: TaskTimes,
}

/// Laws of the time a registration takes, in seconds, by what is to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskTimes {
    /// A booked patient collects a number.
    pub collect_number: Distribution,
    /// A walk-in takes a number of the day.
    pub register: Distribution,
    /// A walk-in has a card made and takes a number.
    pub register_first_time: Distribution,
}

/// Self-service machines.
#[derive(Clone, Debug, PartialEq)]
pub struct Kiosks {
    /// How many are switched on when.
    pub shifts: Vec<Shift>,
    /// Time at the machine, by task.
    pub task_times: TaskTimes,
    /// Uses that end without a result, after the time of the task, so that the patient goes to the help counter, as a
    /// share of uses.
    pub failed_use_share: f64,
    /// Breakdowns of the machines; a patient whose machine fails goes to the help counter.
    pub failures: Option<MachineFailures>,
    /// Servers of the help counter; where nobody is on duty, those who need help go to a window.
    pub help_shifts: Vec<Shift>,
    /// Time at the help counter, in seconds; the task is done there.
    pub help_time: Distribution,
}

/// Breakdowns of machines, each on its own, by calendar time.
#[derive(Clone, Debug, PartialEq)]
pub struct MachineFailures {
    /// From repair to the next failure, in seconds.
    pub time_to_failure: Distribution,
    /// From failure to repair, in seconds.
    pub repair_time: Distribution,
}

/// How patients with a number say at the department that they are here.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckIn {
    /// Check in by phone, taking no time, as a share.
    pub phone_share: f64,
    /// Check in at a machine, as a share; the rest go to the desk.
    pub kiosk_share: f64,
    /// Machines for all departments together.
    pub kiosk_shifts: Vec<Shift>,
    /// Time at the machine, in seconds.
    pub kiosk_time: Distribution,
    /// Nurses at the desks, for all departments together.
    pub desk_shifts: Vec<Shift>,
    /// Time at the desk, in seconds.
    pub desk_time: Distribution,
}
