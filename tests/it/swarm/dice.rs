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

    /// A law with about this mean in minutes.
    pub(super) fn law(&mut self, mean: f64) -> String {
        let mean = mean * (0.3 + 1.4 * self.stream.unit());
        match self.below(6) {
            0 => format!("\"{mean:.3} min\""),
            1 => format!("{{ law = \"exponential\", mean = \"{mean:.3} min\" }}"),
            2 => format!("{{ law = \"gamma\", mean = \"{mean:.3} min\", cv = 0.6 }}"),
            3 => format!("{{ law = \"lognormal\", mean = \"{mean:.3} min\", cv = 1.2 }}"),
            4 => format!("{{ law = \"uniform\", min = \"0 s\", max = \"{:.3} min\" }}", 2.0 * mean),
            // Whole minutes, so that many things happen at one instant.
            _ => format!("\"{} min\"", mean.ceil()),
        }
    }

    /// A network with any features that go together.
    pub(super) fn network(&mut self) -> String {
        let class_count = self.between(1, 3);
        let station_count = self.between(1, 6);
        let may_block = self.one_in(3);
        let mut text = self.head(class_count, true);
        for source in 0..self.between(1, 3) {
            self.source(&mut text, source, class_count, station_count);
        }
        for station in 0..station_count {
            self.station(&mut text, station, class_count, station_count, may_block);
        }
        text
    }

    /// A network in which nobody's way or fate depends on others: first come first served, and no limits.
    pub(super) fn plain_network(&mut self) -> String {
        let class_count = self.between(1, 3);
        let station_count = self.between(2, 6);
        let mut text = self.head(class_count, false);
        for source in 0..self.between(1, 3) {
            let journey = self.steps(station_count, 3, false);
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

    fn source(&mut self, text: &mut String, number: u32, class_count: u32, station_count: u32) {
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
        let journey = self.steps(station_count, 4, true);
        let _ = writeln!(text, "journey = {journey}");
    }

    fn station_name(&mut self, station_count: u32) -> String {
        format!("\"s{}\"", self.below(station_count))
    }

    /// A list of steps, shorter the deeper.
    fn steps(&mut self, station_count: u32, most: u32, may_choose: bool) -> String {
        let count = self.between(1, most);
        let steps: Vec<String> = (0..count).map(|_| self.step(station_count, most, may_choose)).collect();
        format!("[{}]", steps.join(", "))
    }

    fn step(&mut self, station_count: u32, most: u32, may_choose: bool) -> String {
        let deeper = most.saturating_sub(2).max(1);
        let kind = if most <= 1 { self.below(3) } else { self.below(10) };
        match kind {
            3 => format!("{{ pause = {}, kind = \"walk\" }}", self.law(5.0)),
            4 => {
                let then = self.steps(station_count, deeper, may_choose);
                let otherwise = self.steps(station_count, deeper, may_choose);
                format!("{{ chance = \"40 %\", then = {then}, otherwise = {otherwise} }}")
            }
            5 => {
                let (one, two) = (
                    self.steps(station_count, deeper, may_choose),
                    self.steps(station_count, deeper, may_choose),
                );
                format!(
                    "{{ choose = [{{ share = \"20 %\", steps = {one} }}, {{ share = \"30 %\" }}, \
                     {{ share = \"50 %\", steps = {two} }}] }}"
                )
            }
            6 => {
                let steps = self.steps(station_count, deeper, may_choose);
                format!(
                    "{{ again_share = \"30 %\", repeat = [{}, {}] }}",
                    self.station_name(station_count),
                    &steps[1..steps.len() - 1]
                )
            }
            7 if station_count > 1 => {
                let first = self.below(station_count);
                let second = (first + 1 + self.below(station_count - 1)) % station_count;
                let by = if may_choose { self.pick(&["shortest_queue", "random"]) } else { "random" };
                format!("{{ visit = [\"s{first}\", \"s{second}\"], by = \"{by}\" }}")
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
        class_count: u32,
        station_count: u32,
        may_block: bool,
    ) {
        const KINDS: &[Kind] = &[
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
        let kind = self.pick(if may_block { &KINDS[..9] } else { KINDS });
        let _ = writeln!(text, "[[station]]\nname = \"s{number}\"\nservice_time = {}", self.law(4.0));
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
            _ => {}
        }
        if kind != Kind::Shared && self.one_in(3) {
            let _ = writeln!(text, "patience = {}", self.law(8.0));
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
