//! Random network files.

use onetrip_sim::stream::{Purpose, RunKey, Stream};
use std::fmt::Write;

/// Draws whatever a network needs.
pub(super) struct Dice {
    stream: Stream,
}

/// What a random station may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Ranked,
    Preemptive,
    Interleaved,
    Lifo,
    Random,
    Shared,
    Unlimited,
    Crew,
}

/// Kinds as often as they come.
const KINDS: [Kind; 10] = [
    Kind::Plain,
    Kind::Plain,
    Kind::Ranked,
    Kind::Preemptive,
    Kind::Interleaved,
    Kind::Lifo,
    Kind::Random,
    Kind::Unlimited,
    Kind::Crew,
    Kind::Shared,
];

/// How journeys may choose among stations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choosing {
    /// By luck alone.
    Blindly,
    /// By who waits there, too.
    ByQueue,
    /// By the work that waits there, too; not where customers need several servers or share them.
    ByWork,
}

impl Dice {
    pub(super) fn new(number: u64) -> Self {
        Dice {
            stream: RunKey::new(number, 0, 0)
                .entity(Purpose::named("swarm"), 0)
                .stream(Purpose::named("dice")),
        }
    }

    pub(super) fn below(&mut self, bound: u32) -> u32 {
        self.stream.below(bound)
    }

    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    pub(super) fn one_in(&mut self, count: u32) -> bool {
        self.below(count) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize]
    }

    /// A law with about this mean in minutes, of any family that a file can state.
    pub(super) fn law(&mut self, mean: f64) -> String {
        let mean = mean * (0.3 + 1.4 * self.stream.unit());
        if self.one_in(8) {
            return format!(
                "{{ law = \"mixture\", components = [{{ share = \"30 %\", of = {} }}, {{ share = \"70 %\", of = {} }}] }}",
                self.simple_law(mean / 2.0),
                self.simple_law(1.2 * mean)
            );
        }
        self.simple_law(mean)
    }

    fn simple_law(&mut self, mean: f64) -> String {
        let about = format!("mean = \"{mean:.3} min\"");
        let times = |factor: f64| format!("\"{:.3} min\"", factor * mean);
        match self.below(16) {
            0 => times(1.0),
            1 => format!("{{ law = \"exponential\", {about} }}"),
            2 => format!("{{ law = \"erlang\", stages = 3, {about} }}"),
            3 => format!("{{ law = \"gamma\", {about}, cv = 0.6 }}"),
            4 => format!("{{ law = \"lognormal\", {about}, cv = 1.2 }}"),
            5 => format!("{{ law = \"weibull\", {about}, cv = 0.8, shift = \"2 s\" }}"),
            6 => format!("{{ law = \"log_logistic\", shape = 4, median = {} }}", times(1.0)),
            7 => format!("{{ law = \"hyperexponential\", {about}, cv = 1.5 }}"),
            8 => format!("{{ law = \"uniform\", min = \"0 s\", max = {} }}", times(2.0)),
            9 => format!(
                "{{ law = \"triangular\", min = {}, mode = {}, max = {} }}",
                times(0.5),
                times(0.8),
                times(2.0)
            ),
            10 => {
                format!("{{ law = \"beta\", min = {}, max = {}, {about}, cv = 0.4 }}", times(0.2), times(4.0))
            }
            11 => format!("{{ law = \"truncated_normal\", {about}, cv = 0.5 }}"),
            12 => format!(
                "{{ law = \"sample\", values = [{}, {}, {}], interpolate = {} }}",
                times(0.5),
                times(1.0),
                times(1.5),
                self.one_in(2)
            ),
            13 => format!(
                "{{ law = \"histogram\", edges = [\"0 s\", {}, {}], weights = [2, 1] }}",
                times(1.0),
                times(3.0)
            ),
            // Whole minutes, so that many things happen at one instant.
            _ => format!("\"{} min\"", mean.ceil()),
        }
    }

    /// A network with any features that go together.
    pub(super) fn network(&mut self) -> String {
        let class_count = self.between(1, 3);
        let station_count = self.between(1, 6);
        let may_block = self.one_in(3);
        let choosing = self.pick(&[Choosing::ByQueue, Choosing::ByWork]);
        let mut text = self.head(class_count, true);
        for source in 0..self.between(1, 3) {
            self.source(&mut text, source, class_count, station_count, choosing);
        }
        let mut can_be_out: Vec<u32> = Vec::new();
        for station in 0..station_count {
            let kinds: Vec<Kind> = KINDS
                .iter()
                .copied()
                .filter(|kind| !(may_block && *kind == Kind::Shared))
                .filter(|kind| !(choosing == Choosing::ByWork && matches!(kind, Kind::Crew | Kind::Shared)))
                .collect();
            let kind = self.pick(&kinds);
            self.station(&mut text, station, kind, class_count, station_count, may_block);
            if !matches!(kind, Kind::Unlimited | Kind::Shared) {
                can_be_out.push(station);
            }
        }
        if !can_be_out.is_empty() {
            for _ in 0..self.below(3) {
                let station = self.pick(&can_be_out);
                self.outage(&mut text, station);
            }
        }
        text
    }

    /// Servers who cannot serve for a while, at a station that may have too few of them, or be closed.
    fn outage(&mut self, text: &mut String, station: u32) {
        let from = self.between(20, 400);
        let _ = writeln!(
            text,
            "[[outage]]\nstation = \"s{station}\"\nfrom = \"{from} min\"\nto = \"{} min\"\nwork_in_hand = \"{}\"\n\
             waiting = \"{}\"",
            from + self.between(1, 120),
            self.pick(&["finish", "hand_over", "send_away"]),
            self.pick(&["hold", "send_away"])
        );
        if self.one_in(2) {
            let _ = writeln!(text, "servers = {}", self.between(1, 2));
        }
    }

    /// A network in which nobody's way or fate depends on others: first come first served, and no limits.
    pub(super) fn plain_network(&mut self) -> String {
        let class_count = self.between(1, 3);
        let station_count = self.between(2, 6);
        let mut text = self.head(class_count, false);
        for source in 0..self.between(1, 3) {
            let journey = self.steps(station_count, 3, Choosing::Blindly);
            let _ = writeln!(
                text,
                "[[arrivals]]\nname = \"a{source}\"\nrate = \"{} per hour\"\nuntil = \"6 h\"\n{}journey = {journey}",
                self.between(5, 20),
                self.class_of(class_count)
            );
        }
        for station in 0..station_count {
            let servers = self.between(1, 3);
            let law = self.law(4.0);
            let _ = writeln!(
                text,
                "[[station]]\nname = \"s{station}\"\nservers = {servers}\nservice_time = {law}"
            );
        }
        text
    }

    fn head(&mut self, class_count: u32, may_warm_up: bool) -> String {
        let classes: Vec<String> = (0..class_count).map(|class| format!("\"c{class}\"")).collect();
        let mut text = format!(
            "format = \"network/1\"\ntitle = \"random\"\nclasses = [{}]\n[run]\n",
            classes.join(", ")
        );
        if may_warm_up && self.one_in(2) {
            let _ = writeln!(text, "horizon = \"{} h\"", self.between(6, 30));
            if self.one_in(2) {
                text.push_str("warm_up = \"95 min 123457 us\"\n");
            }
        } else {
            text.push_str("until = \"drained\"\nhorizon = \"9 days\"\n");
        }
        if self.one_in(3) {
            text.push_str("by_hour = true\n");
        }
        text
    }

    fn class_of(&mut self, class_count: u32) -> String {
        match class_count {
            2 if self.one_in(2) => "classes = { c0 = \"30 %\", c1 = \"70 %\" }\n".to_owned(),
            3 if self.one_in(2) => "classes = { c0 = \"20 %\", c1 = \"30 %\", c2 = \"1/2\" }\n".to_owned(),
            count => format!("class = \"c{}\"\n", self.below(count)),
        }
    }

    fn source(
        &mut self,
        text: &mut String,
        number: u32,
        class_count: u32,
        station_count: u32,
        choosing: Choosing,
    ) {
        let _ = writeln!(text, "[[arrivals]]\nname = \"a{number}\"");
        match self.below(6) {
            0 => {
                let _ = writeln!(text, "rate = \"{} per hour\"\nuntil = \"8 h\"", self.between(5, 60));
            }
            1 => text.push_str(
                "rate = { segments = [{ from = \"01:00\", to = \"03:00\", rate = \"20 per hour\" }, \
                 { from = \"03:00\", to = \"03:02\", rate = \"10 per min\" }] }\nuntil = \"10 h\"\nday_factor = { cv = 0.3 }\n",
            ),
            2 => {
                let _ = writeln!(text, "gap = {}\nat_most = {}\nfirst = \"at_start\"", self.law(5.0), self.between(1, 120));
            }
            3 => {
                let _ = writeln!(
                    text,
                    "planned = {{ from = \"1 h\", every = \"7 min\", count = {} }}\nno_show = \"10 %\"\n\
                     punctuality = {{ law = \"normal\", mean = \"-2 min\", sd = \"20 min\" }}",
                    self.between(1, 60)
                );
            }
            4 => {
                let _ = writeln!(text, "at = {{ every = \"3 min\", count = {} }}", self.between(1, 100));
            }
            _ => {
                let _ = writeln!(text, "population = {}", self.between(1, 30));
            }
        }
        if self.one_in(4) {
            text.push_str("batch = { law = \"geometric\", mean = 1.7 }\n");
        }
        text.push_str(&self.class_of(class_count));
        let journey = self.steps(station_count, 4, choosing);
        let _ = writeln!(text, "journey = {journey}");
    }

    fn station_name(&mut self, station_count: u32) -> String {
        format!("\"s{}\"", self.below(station_count))
    }

    /// A list of steps, shorter the deeper.
    fn steps(&mut self, station_count: u32, most: u32, choosing: Choosing) -> String {
        let count = self.between(1, most);
        let steps: Vec<String> = (0..count).map(|_| self.step(station_count, most, choosing)).collect();
        format!("[{}]", steps.join(", "))
    }

    fn step(&mut self, station_count: u32, most: u32, choosing: Choosing) -> String {
        let deeper = most.saturating_sub(2).max(1);
        let kind = if most <= 1 { self.below(3) } else { self.below(10) };
        match kind {
            3 => format!("{{ pause = {}, kind = \"walk\" }}", self.law(5.0)),
            4 => {
                let then = self.steps(station_count, deeper, choosing);
                let otherwise = self.steps(station_count, deeper, choosing);
                format!("{{ chance = \"40 %\", then = {then}, otherwise = {otherwise} }}")
            }
            5 => {
                let (one, two) = (
                    self.steps(station_count, deeper, choosing),
                    self.steps(station_count, deeper, choosing),
                );
                format!(
                    "{{ choose = [{{ share = \"20 %\", steps = {one} }}, {{ share = \"30 %\" }}, \
                     {{ share = \"50 %\", steps = {two} }}] }}"
                )
            }
            6 => {
                let steps = self.steps(station_count, deeper, choosing);
                format!(
                    "{{ again_share = \"30 %\", repeat = [{}, {}] }}",
                    self.station_name(station_count),
                    &steps[1..steps.len() - 1]
                )
            }
            7 if station_count > 1 => {
                let first = self.below(station_count);
                let second = (first + 1 + self.below(station_count - 1)) % station_count;
                let rule = match (choosing, self.below(4)) {
                    (Choosing::ByQueue, 0 | 1) => "by = \"shortest_queue\"".to_owned(),
                    (Choosing::ByWork, 0 | 1) => "by = \"least_work\"".to_owned(),
                    (_, 2) => "by = \"random\"".to_owned(),
                    _ => format!("shares = {{ s{first} = \"30 %\", s{second} = \"70 %\" }}"),
                };
                format!("{{ visit = [\"s{first}\", \"s{second}\"], {rule} }}")
            }
            8 => format!(
                "{{ visit = {}, service_time = {} }}",
                self.station_name(station_count),
                self.law(3.0)
            ),
            _ => self.station_name(station_count),
        }
    }

    fn station(
        &mut self,
        text: &mut String,
        number: u32,
        kind: Kind,
        class_count: u32,
        station_count: u32,
        may_block: bool,
    ) {
        let _ = writeln!(text, "[[station]]\nname = \"s{number}\"\nservice_time = {}", self.law(4.0));
        if self.one_in(4) {
            let _ = writeln!(text, "service_time_by_class = {{ c0 = {} }}", self.law(3.0));
        }
        if kind == Kind::Unlimited {
            text.push_str("servers = \"unlimited\"\n");
            return;
        }
        let by_the_clock = kind != Kind::Shared && self.one_in(4);
        let servers = if kind == Kind::Crew { self.between(3, 6) } else { self.between(1, 4) };
        if by_the_clock {
            let _ = writeln!(
                text,
                "shifts = [{{ from = \"30 min\", servers = {servers} }}, {{ from = \"3 h\", servers = {} }}, \
                 {{ from = \"5 h\", servers = {} }}]\nwork_in_hand = \"{}\"\nwaiting_at_closing = \"{}\"",
                self.between(1, 5),
                self.below(2),
                self.pick(&["finish", "hand_over", "send_away"]),
                self.pick(&["serve", "hold", "send_away"])
            );
        } else {
            let _ = writeln!(text, "servers = {servers}");
        }
        let ranks =
            ["{ c0 = 0 }", "{ c0 = 1, c1 = 0 }", "{ c0 = 0, c1 = 2, c2 = 1 }"][class_count as usize - 1];
        match kind {
            Kind::Ranked | Kind::Preemptive => {
                let _ = writeln!(text, "ranks = {ranks}");
                if kind == Kind::Preemptive {
                    text.push_str("preemptive = true\n");
                }
                if self.one_in(2) {
                    text.push_str("promotion = { after = \"9 min\", to_rank = 0 }\n");
                }
            }
            Kind::Interleaved => {
                let pattern: Vec<String> =
                    (0..class_count + 1).map(|turn| format!("\"c{}\"", turn % class_count)).collect();
                let _ = writeln!(text, "pattern = [{}]", pattern.join(", "));
            }
            Kind::Lifo => text.push_str("discipline = \"lifo\"\n"),
            Kind::Random => text.push_str("discipline = \"random\"\n"),
            Kind::Shared => text.push_str("discipline = \"processor_sharing\"\n"),
            Kind::Crew => {
                let _ = writeln!(
                    text,
                    "ranks = {ranks}\nservers_needed_by_class = {{ c0 = {} }}",
                    if by_the_clock { 1 } else { 3 }
                );
            }
            Kind::Plain | Kind::Unlimited => {}
        }
        if self.one_in(3) {
            let _ = writeln!(text, "capacity = {}", self.between(servers, servers + 4));
            if may_block && self.one_in(2) {
                text.push_str("when_full = \"block\"\n");
            }
        }
        if number + 1 < station_count && self.one_in(3) {
            let _ = writeln!(text, "divert_to = \"s{}\"", self.between(number + 1, station_count - 1));
        }
        match self.below(5) {
            0 => {
                let _ = writeln!(text, "balk_at = {}", self.between(1, 6));
            }
            1 => text.push_str("balk_shares = [\"0 %\", \"0 %\", \"10 %\", \"50 %\"]\n"),
            2 => text.push_str("balk_at_by_class = { c0 = 3 }\n"),
            _ => {}
        }
        if kind != Kind::Shared && self.one_in(3) {
            let whose = self.pick(&["patience = ", "patience_by_class.c0 = "]);
            let _ = writeln!(text, "{whose}{}", self.law(8.0));
        }
        if !matches!(kind, Kind::Shared | Kind::Crew) && self.one_in(5) {
            let _ = writeln!(
                text,
                "breakdown = {{ time_to_failure = {}, repair_time = {}, interrupted = \"{}\" }}",
                self.law(60.0),
                self.law(8.0),
                self.pick(&["resume", "restart", "leave"])
            );
        }
    }
}
