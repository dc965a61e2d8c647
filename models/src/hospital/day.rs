//! One day: who will come, and what is given out as it goes on.

use super::books::Books;
use super::floor_plan::FloorPlan;
use super::patient::{MOST_IN_SURGE, MOST_PLACES, MOST_WALK_INS, PatientLuck, PatientNumber};
use super::rooms::consultation::{DepartmentTerms, Segment};
use super::rooms::entrance::WayIn;
use super::spec::{HospitalSpec, ProfilePiece};
use onetrip_sim::distribution::{Distribution, Sampler, Spread};
use onetrip_sim::stream::{Purpose, RunKey};
use onetrip_sim::time::{SimSpan, SimTime};

/// The day itself as an entity of luck.
const DAY: Purpose = Purpose::named("demand.day");
const DAY_FACTOR: Purpose = Purpose::named("demand.day_factor");
const WALK_IN_COUNT: Purpose = Purpose::named("demand.walk_in_count");
const SURGE_COUNT: Purpose = Purpose::named("demand.surge_count");
const ROUNDING: Purpose = Purpose::named("demand.rounding");
const ARRIVAL_TIME: Purpose = Purpose::named("demand.arrival_time");
const PUNCTUALITY: Purpose = Purpose::named("demand.punctuality");
const NO_SHOW: Purpose = Purpose::named("demand.no_show");

/// A patient who will come, and with what luck; 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Arrival {
    pub(super) at: SimTime,
    pub(super) number: PatientNumber,
    pub(super) class: u8,
    pub(super) pace: u8,
    /// `None` where everything is over for today.
    pub(super) way_in: Option<WayIn>,
    pub(super) settles_after_care: bool,
}

impl Arrival {
    /// Who it is, and nothing more.
    fn new(at: SimTime, number: PatientNumber) -> Self {
        Arrival { at, number, ..Arrival::default() }
    }
}

/// A day of one run.
#[derive(Debug)]
pub(super) struct Day {
    run: RunKey,
    pub(super) luck: PatientLuck,
    arrivals: Vec<Arrival>,
    next: usize,
    /// Numbers given to walk-ins, by session.
    pub(super) numbers_given: Vec<u32>,
    /// Timed examination places taken.
    pub(super) diary: Vec<u16>,
    /// Scratch: bookings by segment of one department.
    counts: Vec<f64>,
    /// Scratch: where the next arrival of each stretch of the day goes.
    places: Vec<u32>,
    /// Scratch: arrivals put in order.
    sorted: Vec<Arrival>,
}

impl Day {
    pub(super) fn new(plan: &FloorPlan) -> Self {
        let run = RunKey::new(0, 0, 0);
        Day {
            run,
            luck: PatientLuck::new(run),
            arrivals: Vec::new(),
            next: 0,
            numbers_given: vec![0; plan.consultation.session_count],
            diary: vec![0; plan.examination.diary_length],
            counts: Vec::new(),
            places: Vec::new(),
            sorted: Vec::new(),
        }
    }

    /// Draws who will come on the day of a run.
    pub(super) fn begin(&mut self, demand: &DemandTerms, plan: &FloorPlan, run: RunKey, books: &mut Books) {
        self.run = run;
        self.luck = PatientLuck::new(run);
        self.next = 0;
        self.arrivals.clear();
        self.numbers_given.fill(0);
        self.diary.fill(0);
        let factor = demand.day_factor(run);
        for (index, department) in plan.consultation.departments.iter().enumerate() {
            self.book(demand, plan, (index, department), factor, books);
        }
        self.draw_walk_ins(demand, factor);
        self.draw_surges(demand, factor);
        self.sort_arrivals();
        self.draw_arrivals(plan);
    }

    /// Draws as what those who come will come. All in one go: their luck is their own, and what one of them waits for to
    /// be read does not keep the next one waiting.
    fn draw_arrivals(&mut self, plan: &FloorPlan) {
        let entrance = &plan.entrance;
        for arrival in &mut self.arrivals {
            let key = arrival.number.key(&self.luck);
            let Some(department) = entrance.department(arrival.number, arrival.at, key) else {
                arrival.class = entrance.class(0, key) as u8;
                continue;
            };
            arrival.number = arrival.number.at_department(department);
            let class = entrance.class(department, key);
            arrival.class = class as u8;
            arrival.pace = plan.ways.pace(key, entrance.classes[class].walking_factor);
            arrival.way_in = Some(plan.way_in(arrival.number, class, key));
            arrival.settles_after_care = plan.settlement.is_after_care(key);
        }
    }

    /// Puts the arrivals in order. No two patients have one number, so the order is fixed also at equal times.
    fn sort_arrivals(&mut self) {
        let instants = || self.arrivals.iter().map(|arrival| arrival.at.as_micros());
        let (Some(first), Some(last)) = (instants().min(), instants().max()) else { return };
        // About one arrival a stretch of the day: dealt out by stretches, they are almost in order.
        let wanted = self.arrivals.len().next_power_of_two() as u64;
        let width_bits = ((last - first) / wanted).checked_ilog2().map_or(0, |bits| bits + 1);
        let stretch = |arrival: &Arrival| ((arrival.at.as_micros() - first) >> width_bits) as usize;
        self.places.clear();
        self.places.resize(((last - first) >> width_bits) as usize + 2, 0);
        self.arrivals.iter().for_each(|arrival| self.places[stretch(arrival) + 1] += 1);
        let mut before = 0;
        for place in &mut self.places {
            before += *place;
            *place = before;
        }
        self.sorted.resize(self.arrivals.len(), Arrival::default());
        for arrival in &self.arrivals {
            let place = &mut self.places[stretch(arrival)];
            self.sorted[*place as usize] = *arrival;
            *place += 1;
        }
        std::mem::swap(&mut self.arrivals, &mut self.sorted);
        let mut from = 0;
        for &until in &self.places {
            let until = until as usize;
            if until > from + 1 {
                self.arrivals[from..until].sort_unstable_by_key(|arrival| (arrival.at, arrival.number));
            }
            from = until;
        }
    }

    fn book(
        &mut self,
        demand: &DemandTerms,
        plan: &FloorPlan,
        (index, department): (usize, &DepartmentTerms),
        factor: f64,
        books: &mut Books,
    ) {
        let wanted = demand.bookings * department.share * factor;
        if wanted <= 0.0 {
            return;
        }
        self.counts.clear();
        self.counts.resize(department.segments.len(), 0.0);
        let left = demand.spread(index, department, wanted, &mut self.counts);
        // Whole bookings: one common offset rounds all running sums, so that counts are right on average.
        let day = self.run.entity(DAY, 0);
        let offset = day.stream(ROUNDING.item(index as u64)).unit();
        let (mut sum, mut placed) = (offset, 0_u64);
        for segment in 0..self.counts.len() {
            sum += self.counts[segment];
            let wanted = sum as u64 - placed;
            let count = wanted.min(u64::from(MOST_PLACES));
            placed = sum as u64;
            books.add(plan.entrance.bookings, count);
            books.add(plan.entrance.without_slot, wanted - count);
            for place in 0..count as u32 {
                let number = PatientNumber::booked(index, segment, place);
                match demand.arrival_of_booked(department, segment, number, &self.luck) {
                    Some(at) => self.arrivals.push(Arrival::new(at, number)),
                    None => books.count(plan.entrance.no_shows),
                }
            }
        }
        books.add(plan.entrance.without_slot, (left + offset) as u64);
    }

    fn draw_walk_ins(&mut self, demand: &DemandTerms, factor: f64) {
        self.draw_poisson(
            demand,
            (demand.walk_ins * factor, WALK_IN_COUNT),
            MOST_WALK_INS,
            PatientNumber::walk_in,
        );
    }

    /// Those who come on top have numbers and luck of their own, so that everybody else stays who they are.
    fn draw_surges(&mut self, demand: &DemandTerms, factor: f64) {
        for (surge, &(department, visits)) in demand.surges.iter().enumerate() {
            let count = (visits * factor, SURGE_COUNT.item(surge as u64));
            self.draw_poisson(demand, count, MOST_IN_SURGE, |index| {
                PatientNumber::in_surge(surge, index).at_department(department)
            });
        }
    }

    /// Patients who come by chance through the day: so many on average, and at most so many.
    fn draw_poisson(
        &mut self,
        demand: &DemandTerms,
        (mean, purpose): (f64, Purpose),
        at_most: u32,
        number: impl Fn(u32) -> PatientNumber,
    ) {
        // As many as arrivals of a Poisson process of rate 1 up to the mean.
        let mut count_stream = self.run.entity(DAY, 0).stream(purpose);
        let mut passed = demand.unit_exponential.draw_value(&mut count_stream);
        let mut index = 0;
        while passed < mean && index < at_most {
            let number = number(index);
            let unit = number.key(&self.luck).stream(ARRIVAL_TIME).unit();
            self.arrivals.push(Arrival::new(demand.profile.instant(unit), number));
            passed += demand.unit_exponential.draw_value(&mut count_stream);
            index += 1;
        }
    }

    #[inline(always)]
    pub(super) fn next_arrival_at(&self) -> SimTime {
        self.arrivals.get(self.next).map_or(SimTime::NEVER, |arrival| arrival.at)
    }

    /// The patient who comes now.
    #[inline(always)]
    pub(super) fn take_arrival(&mut self) -> Arrival {
        self.next += 1;
        self.arrivals[self.next - 1]
    }
}

/// Demand, compiled.
#[derive(Debug)]
pub(super) struct DemandTerms {
    /// Bookings of a mean day, those not kept included.
    bookings: f64,
    /// Walk-ins of a mean day.
    walk_ins: f64,
    /// Walk-ins of a mean day on top, by department.
    surges: Vec<(usize, f64)>,
    no_show_share: f64,
    punctuality: Sampler,
    day_factor: Option<Sampler>,
    unit_exponential: Sampler,
    /// By department and segment: how bookings are spread.
    segment_weights: Vec<Vec<f64>>,
    profile: Profile,
}

impl DemandTerms {
    pub(super) fn new(spec: &HospitalSpec, plan: &FloorPlan) -> Self {
        let demand = &spec.demand;
        let share_sum: f64 = spec.departments.iter().map(|department| department.share).sum();
        let surges = demand.surges.iter().filter_map(|surge| {
            let at = spec.departments.iter().position(|department| department.id == surge.department)?;
            let usual = demand.visits_per_day * spec.departments[at].share / share_sum;
            Some((at, usual * (surge.factor - 1.0)))
        });
        let law = |made: Result<Distribution, _>| made.ok().as_ref().map(Distribution::sampler);
        let day_factor = match demand.day_factor_cv {
            0.0 => None,
            cv => law(Distribution::gamma_with_mean(1.0, Spread::Cv(cv))),
        };
        let profile = Profile::new(&demand.profile);
        let departments = &plan.consultation.departments;
        DemandTerms {
            segment_weights: departments
                .iter()
                .map(|department| segment_weights(department, &profile))
                .collect(),
            bookings: demand.visits_per_day * demand.booked_share / (1.0 - demand.no_show_share),
            walk_ins: demand.visits_per_day * (1.0 - demand.booked_share),
            surges: surges.collect(),
            no_show_share: demand.no_show_share,
            punctuality: demand.punctuality.sampler(),
            day_factor,
            unit_exponential: law(Distribution::exponential(1.0)).expect("a mean of 1 is positive"),
            profile,
        }
    }

    fn day_factor(&self, run: RunKey) -> f64 {
        match &self.day_factor {
            Some(factor) => factor.draw_value(&mut run.entity(DAY, 0).stream(DAY_FACTOR)),
            None => 1.0,
        }
    }

    /// Spreads bookings over segments in proportion to their weights, no segment above its capacity.
    /// Gives what finds no place.
    fn spread(&self, index: usize, department: &DepartmentTerms, wanted: f64, counts: &mut [f64]) -> f64 {
        let weights = &self.segment_weights[index];
        let mut left = wanted;
        loop {
            let is_open = |counts: &[f64], index: usize| counts[index] < department.segments[index].capacity;
            let open: f64 = (0..counts.len()).filter(|&i| is_open(counts, i)).map(|i| weights[i]).sum();
            if left < 1e-9 || open <= 0.0 {
                return left;
            }
            let share = left / open;
            let mut is_full = false;
            for index in 0..counts.len() {
                if !is_open(counts, index) {
                    continue;
                }
                let room = department.segments[index].capacity - counts[index];
                let taken = (share * weights[index]).min(room);
                is_full |= taken == room;
                counts[index] += taken;
                left -= taken;
                if taken == room {
                    counts[index] = department.segments[index].capacity;
                }
            }
            if !is_full {
                return 0.0;
            }
        }
    }

    /// When a booked patient comes, if at all.
    fn arrival_of_booked(
        &self,
        department: &DepartmentTerms,
        segment: usize,
        number: PatientNumber,
        luck: &PatientLuck,
    ) -> Option<SimTime> {
        let key = number.key(luck);
        if self.no_show_share > 0.0 && key.stream(NO_SHOW).unit() < self.no_show_share {
            return None;
        }
        let Segment { from, to, .. } = department.segments[segment];
        let planned_at = if department.books_segments {
            from
        } else {
            self.profile.instant_between(from, to, key.stream(ARRIVAL_TIME).unit())
        };
        let offset = self.punctuality.draw_micros(&mut key.stream(PUNCTUALITY)).round() as i64;
        Some(SimTime::from_micros(planned_at.as_micros().saturating_add_signed(offset)))
    }
}

/// Weights of a department's segments: its doctors by the profile of the day.
fn segment_weights(department: &DepartmentTerms, profile: &Profile) -> Vec<f64> {
    let weight = |segment: &Segment| {
        let doctors = f64::from(department.sessions[usize::from(segment.session)].doctor_count);
        doctors * profile.share(segment.from, segment.to)
    };
    let weights: Vec<f64> = department.segments.iter().map(weight).collect();
    // A session that nobody asks for by the profile is booked evenly.
    if weights.iter().sum::<f64>() <= 0.0 { vec![1.0; weights.len()] } else { weights }
}

/// The shape of a day: a cumulative curve that is straight between its corners.
#[derive(Debug)]
struct Profile {
    /// (instant, share before it)
    corners: Vec<(SimTime, f64)>,
}

impl Profile {
    fn new(pieces: &[ProfilePiece]) -> Self {
        let total: f64 = pieces.iter().map(|piece| piece.weight).sum();
        let mut corners = Vec::with_capacity(2 * pieces.len());
        let mut before = 0.0;
        for piece in pieces {
            corners.push((SimTime::ZERO + piece.from, before));
            before += piece.weight / total;
            corners.push((SimTime::ZERO + piece.to, before));
        }
        Profile { corners }
    }

    /// The share of the day before an instant.
    fn before(&self, at: SimTime) -> f64 {
        let next = self.corners.partition_point(|&(corner, _)| corner <= at);
        match (next.checked_sub(1).map(|index| self.corners[index]), self.corners.get(next)) {
            (None, _) => 0.0,
            (Some((_, share)), None) => share,
            (Some((from, low)), Some(&(to, high))) => {
                low + (high - low) * ((at - from).as_seconds() / (to - from).as_seconds())
            }
        }
    }

    fn share(&self, from: SimTime, to: SimTime) -> f64 {
        self.before(to) - self.before(from)
    }

    /// The instant before which a share of the day lies.
    fn instant(&self, share: f64) -> SimTime {
        let next =
            self.corners.partition_point(|&(_, before)| before < share).clamp(1, self.corners.len() - 1);
        let ((from, low), (to, high)) = (self.corners[next - 1], self.corners[next]);
        let part = if high > low { ((share - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        from + SimSpan::from_micros_rounded((to - from).as_micros() as f64 * part)
    }

    /// The same within a stretch of the day; evenly where the profile has nothing there.
    fn instant_between(&self, from: SimTime, to: SimTime, unit: f64) -> SimTime {
        let (low, high) = (self.before(from), self.before(to));
        if high > low {
            return self.instant(low + (high - low) * unit).clamp(from, to);
        }
        from + SimSpan::from_micros_rounded((to - from).as_micros() as f64 * unit)
    }
}
