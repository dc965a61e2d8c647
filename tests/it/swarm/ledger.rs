//! Books kept from what happens, with nothing of the engine's own: who is where, from when to when.

use onetrip_models::hospital::Hospital;
use onetrip_models::network::NetworkSpec;
use onetrip_models::watch::Record;
use onetrip_sim::model::{Exit, StationId};
use onetrip_sim::observer::Happening;
use onetrip_sim::station::{Discipline, Duty};
use onetrip_sim::statistics::Statistics;
use onetrip_sim::time::{SimSpan, SimTime};
use std::collections::BTreeMap;

/// Where a customer is.
#[derive(Clone, Copy)]
enum Place {
    Between,
    /// Since when, and whether service has never begun here.
    Waiting {
        at: usize,
        since: SimTime,
        is_first: bool,
    },
    Serving {
        at: usize,
        since: SimTime,
    },
    /// Served, but the server is kept until the next station has room.
    Held {
        at: usize,
        since: SimTime,
    },
}

#[derive(Clone, Copy)]
struct Person {
    came_at: SimTime,
    class: usize,
    place: Place,
}

#[derive(Clone, Default)]
struct StationBook {
    queue_area: u128,
    busy_area: u128,
    joined: u64,
    completed: u64,
    balked: u64,
    reneged: u64,
    refused: u64,
    sent_away: u64,
    interrupted: u64,
    customers: u64,
    waiting: u64,
    /// Number present and since when, for processor sharing.
    shared: (u64, SimTime),
    /// By class: waits that ended in service, by leaving, or not at all; and waiting for whatever reason.
    waits: Vec<(u64, u64)>,
    given_up: Vec<(u64, u64)>,
    unfinished: Vec<(u64, u64)>,
    waited_area: Vec<u128>,
}

/// What an observer must know of a system beforehand.
pub(super) struct Rules {
    /// What comes before is not counted.
    warm_up: SimSpan,
    class_count: usize,
    stations: Vec<StationRules>,
}

/// What an observer must know of a station beforehand.
#[derive(Clone)]
struct StationRules {
    capacity: u64,
    /// With processor sharing: how many servers there are.
    shared_servers: Option<u64>,
    /// How many servers a customer of each class needs.
    servers_needed: Vec<u64>,
}

impl Rules {
    pub(super) fn of_network(spec: &NetworkSpec) -> Rules {
        let stations = spec.stations.iter().map(|station| StationRules {
            capacity: station.plan.capacity.map_or(u64::MAX, u64::from),
            shared_servers: match (&station.plan.discipline, &station.plan.duty) {
                (Discipline::ProcessorSharing, Duty::Always(servers)) => Some(u64::from(*servers)),
                (Discipline::ProcessorSharing, _) => panic!("always on duty"),
                _ => None,
            },
            servers_needed: station.server_count.iter().map(|&count| u64::from(count)).collect(),
        });
        Rules { warm_up: spec.run.warm_up, class_count: spec.classes.len(), stations: stations.collect() }
    }

    /// Of a hospital's day: everybody needs one server, nothing is full, and all is counted.
    pub(super) fn of_hospital(hospital: &Hospital) -> Rules {
        let class_count = hospital.classes().len();
        let plain =
            StationRules { capacity: u64::MAX, shared_servers: None, servers_needed: vec![1; class_count] };
        Rules { warm_up: SimSpan::ZERO, class_count, stations: vec![plain; hospital.stations().len()] }
    }
}

/// The books of one run.
pub(super) struct Ledger {
    rules: Rules,
    begin_at: SimTime,
    end_at: SimTime,
    /// Who has just been served: the server is free, unless the very next happening is that the customer is held.
    served: Option<(u8, u32)>,
    clock: SimTime,
    people: BTreeMap<(u8, u32), Person>,
    stations: Vec<StationBook>,
    inside_area: u128,
    arrived: Vec<u64>,
    completed: Vec<u64>,
    left: Vec<u64>,
    sojourns: Vec<(u64, u64)>,
}

impl Ledger {
    pub(super) fn of(rules: Rules, records: &[Record], end_at: SimTime) -> Self {
        let classes = rules.class_count;
        let empty = StationBook {
            waits: vec![(0, 0); classes],
            given_up: vec![(0, 0); classes],
            unfinished: vec![(0, 0); classes],
            waited_area: vec![0; classes],
            ..StationBook::default()
        };
        let mut ledger = Ledger {
            begin_at: SimTime::ZERO + rules.warm_up,
            end_at,
            served: None,
            clock: SimTime::ZERO,
            people: BTreeMap::new(),
            stations: vec![empty; rules.stations.len()],
            rules,
            inside_area: 0,
            arrived: vec![0; classes],
            completed: vec![0; classes],
            left: vec![0; classes],
            sojourns: vec![(0, 0); classes],
        };
        for record in records {
            assert!(record.at >= ledger.clock, "the clock goes back to {} from {}", record.at, ledger.clock);
            // Whoever is served is done with it before the clock moves on.
            ledger.enter(record);
            ledger.clock = record.at;
        }
        assert!(ledger.clock <= end_at, "something happens after the end");
        if let Some(served) = ledger.served.take() {
            ledger.release(served);
        }
        ledger.close();
        ledger
    }

    /// The part of a time that is counted.
    fn counted(&self, since: SimTime, until: SimTime) -> u128 {
        u128::from(until.min(self.end_at).since(since.max(self.begin_at)).as_micros())
    }

    fn is_counted(&self, at: SimTime) -> bool {
        // The warm-up of the swarm ends at an odd microsecond, so nothing else happens at that instant.
        at >= self.begin_at
    }

    fn is_shared(&self, station: usize) -> bool {
        self.rules.stations[station].shared_servers.is_some()
    }

    fn server_count(&self, station: usize, class: usize) -> u128 {
        u128::from(self.rules.stations[station].servers_needed[class])
    }

    fn enter(&mut self, record: &Record) {
        let (at, key) = (record.at, (record.source, record.customer));
        if let Some(served) = self.served.take()
            && !(served == key && matches!(record.happening, Happening::Blocked(_)))
        {
            self.release(served);
        }
        let class = usize::from(record.class);
        if record.happening == Happening::Arrived {
            let before = self.people.insert(key, Person { came_at: at, class, place: Place::Between });
            assert!(before.is_none(), "{key:?} arrives twice");
            self.arrived[class] += u64::from(self.is_counted(at));
            return;
        }
        let counts = u64::from(self.is_counted(at));
        let mut person = *self.people.get(&key).unwrap_or_else(|| panic!("{key:?} was never here"));
        assert_eq!(person.class, class, "{key:?} changes class");
        if let Place::Held { at: station, since } = person.place {
            self.end_service(station, class, since, at);
            person.place = Place::Between;
        }
        match record.happening {
            Happening::Arrived => {}
            Happening::Joined(StationId(station)) => {
                let station = usize::from(station);
                self.stations[station].joined += counts;
                self.stations[station].customers += 1;
                assert!(
                    self.stations[station].customers <= self.rules.stations[station].capacity,
                    "station {station} is overfull at {at}"
                );
                self.change_shared(station, at, 1);
                person.place = Place::Waiting { at: station, since: at, is_first: true };
            }
            Happening::Started(id) => {
                let Place::Waiting { at: station, since, is_first } = person.place else {
                    panic!("{key:?} is served without waiting")
                };
                assert_eq!(station, id.index());
                if is_first && counts > 0 {
                    add(&mut self.stations[station].waits[class], at - since);
                }
                self.end_wait(station, class, since, at);
                person.place = Place::Serving { at: station, since: at };
            }
            Happening::Interrupted(_) | Happening::Undone(_) => {
                let Place::Serving { at: station, since } = person.place else {
                    panic!("{key:?} is interrupted out of service")
                };
                self.add_busy(station, class, since, at);
                self.stations[station].interrupted += counts;
                person.place = Place::Waiting { at: station, since: at, is_first: false };
            }
            Happening::Served(_) => {
                let Place::Serving { at: station, since } = person.place else {
                    panic!("{key:?} ends a service that never began")
                };
                self.stations[station].completed += counts;
                person.place = Place::Serving { at: station, since };
                self.served = Some(key);
            }
            Happening::Blocked(_) => {
                let Place::Serving { at: station, since } = person.place else {
                    panic!("{key:?} is held by nothing")
                };
                person.place = Place::Held { at: station, since };
            }
            Happening::Balked(id) => self.stations[id.index()].balked += counts,
            Happening::Refused(id) => self.stations[id.index()].refused += counts,
            Happening::Reneged(id) => {
                self.stations[id.index()].reneged += counts;
                self.leave_station(person, at, key);
                person.place = Place::Between;
            }
            Happening::SentAway(id) => {
                self.stations[id.index()].sent_away += counts;
                if matches!(person.place, Place::Serving { .. }) {
                    self.stations[id.index()].interrupted += counts;
                }
                self.leave_station(person, at, key);
                person.place = Place::Between;
            }
            Happening::BrokenDown(id) => {
                self.stations[id.index()].interrupted += counts;
                self.leave_station(person, at, key);
                person.place = Place::Between;
            }
            Happening::Paused { .. } => {}
            Happening::Left(exit) => {
                self.inside_area += self.counted(person.came_at, at);
                if counts > 0 {
                    // Those inside when the warm-up ends count as arrived.
                    self.arrived[class] += u64::from(!self.is_counted(person.came_at));
                    match exit {
                        Exit::Completed => {
                            self.completed[class] += 1;
                            add(&mut self.sojourns[class], at - person.came_at);
                        }
                        Exit::WithoutBeingSeen => self.left[class] += 1,
                    }
                }
                self.people.remove(&key);
                return;
            }
        }
        if let Place::Waiting { at: station, .. } = person.place
            && !self.is_shared(station)
            && matches!(
                record.happening,
                Happening::Joined(_) | Happening::Interrupted(_) | Happening::Undone(_)
            )
        {
            self.stations[station].waiting += 1;
        }
        self.people.insert(key, person);
    }

    /// Whoever was served gives the server back at once.
    fn release(&mut self, key: (u8, u32)) {
        let mut person = self.people[&key];
        let Place::Serving { at: station, since } = person.place else { panic!("{key:?} was not served") };
        person.place = Place::Between;
        self.people.insert(key, person);
        self.end_service(station, person.class, since, self.clock);
    }

    /// Out of a station without having been served.
    fn leave_station(&mut self, person: Person, at: SimTime, key: (u8, u32)) {
        match person.place {
            Place::Waiting { at: station, since, is_first } => {
                if is_first && self.is_counted(at) {
                    add(&mut self.stations[station].given_up[person.class], at - since);
                }
                self.end_wait(station, person.class, since, at);
                self.stations[station].customers -= 1;
            }
            Place::Serving { at: station, since } => self.end_service(station, person.class, since, at),
            _ => panic!("{key:?} is not at a station"),
        }
    }

    fn end_wait(&mut self, station: usize, class: usize, since: SimTime, at: SimTime) {
        if self.is_shared(station) {
            return;
        }
        let counted = self.counted(since, at);
        let book = &mut self.stations[station];
        book.queue_area += counted;
        book.waited_area[class] += counted;
        book.waiting -= 1;
    }

    fn add_busy(&mut self, station: usize, class: usize, since: SimTime, at: SimTime) {
        if !self.is_shared(station) {
            self.stations[station].busy_area += self.counted(since, at) * self.server_count(station, class);
        }
    }

    fn end_service(&mut self, station: usize, class: usize, since: SimTime, at: SimTime) {
        self.add_busy(station, class, since, at);
        self.stations[station].customers -= 1;
        self.change_shared(station, at, -1);
    }

    /// With processor sharing as many are busy as there are servers, and the others wait.
    fn change_shared(&mut self, station: usize, at: SimTime, change: i64) {
        let Some(servers) = self.rules.stations[station].shared_servers else { return };
        let (present, since) = self.stations[station].shared;
        let counted = self.counted(since, at);
        let busy = present.min(servers);
        let book = &mut self.stations[station];
        book.busy_area += counted * u128::from(busy);
        book.queue_area += counted * u128::from(present - busy);
        book.shared = (present.checked_add_signed(change).expect("not below nobody"), at);
    }

    fn close(&mut self) {
        for person in self.people.clone().into_values() {
            self.inside_area += self.counted(person.came_at, self.end_at);
            self.arrived[person.class] += u64::from(!self.is_counted(person.came_at));
            match person.place {
                Place::Between => {}
                Place::Waiting { at, since, .. } => {
                    add(&mut self.stations[at].unfinished[person.class], self.end_at - since);
                    let counted = self.counted(since, self.end_at);
                    self.stations[at].queue_area += counted;
                    self.stations[at].waited_area[person.class] += counted;
                }
                Place::Serving { at, since } | Place::Held { at, since } => {
                    self.add_busy(at, person.class, since, self.end_at);
                }
            }
        }
        for station in 0..self.stations.len() {
            self.change_shared(station, self.end_at, 0);
        }
    }

    /// Panics where the engine's books say something else.
    pub(super) fn compare(&self, books: &Statistics, text: &str) {
        assert_eq!(books.inside_area, self.inside_area, "inside\n{text}");
        for class in 0..self.rules.class_count {
            let account = books.accounting[class];
            let inside = self.people.values().filter(|person| person.class == class).count() as u64;
            assert!(account.is_balanced(), "{account:?}\n{text}");
            let found =
                (account.arrived, account.completed, account.left_without_being_seen, account.still_inside);
            let own = (self.arrived[class], self.completed[class], self.left[class], inside);
            assert_eq!(found, own, "class {class}\n{text}");
            let sojourns = books.sojourns(class);
            assert_eq!((sojourns.count, sojourns.sum_micros), self.sojourns[class], "sojourns\n{text}");
        }
        for (place, own) in self.stations.iter().enumerate() {
            let account = &books.stations[place];
            let what = format!("station {place}\n{text}");
            assert_eq!(account.queue_area.iter().sum::<u128>(), own.queue_area, "waiting at {what}");
            assert_eq!(account.busy_area.iter().sum::<u128>(), own.busy_area, "busy at {what}");
            let found = [
                account.joined,
                account.completed,
                account.balked,
                account.reneged,
                account.refused,
                account.sent_away,
                account.interrupted,
            ];
            let own_counts = [
                own.joined,
                own.completed,
                own.balked,
                own.reneged,
                own.refused,
                own.sent_away,
                own.interrupted,
            ];
            assert_eq!(found, own_counts, "joined … interrupted at {what}");
            if self.is_shared(place) {
                continue;
            }
            assert_eq!(account.waiting_at_end, own.waiting, "waiting at the end at {what}");
            for class in 0..self.rules.class_count {
                let cell = |cell: onetrip_sim::tally::Cell| (cell.count, cell.sum_micros);
                assert_eq!(cell(books.waits(place, class)), own.waits[class], "waits at {what}");
                assert_eq!(cell(books.given_up(place, class)), own.given_up[class], "given up at {what}");
                assert_eq!(
                    cell(books.unfinished(place, class)),
                    own.unfinished[class],
                    "unfinished at {what}"
                );
                // Little's law, path by path: the area under the number waiting is the sum of the waits.
                if own.interrupted == 0 && self.begin_at == SimTime::ZERO {
                    let sum = [
                        books.waits(place, class),
                        books.given_up(place, class),
                        books.unfinished(place, class),
                    ]
                    .map(|cell| u128::from(cell.sum_micros));
                    assert_eq!(sum.iter().sum::<u128>(), own.waited_area[class], "Little at {what}");
                }
            }
        }
    }
}

fn add(cell: &mut (u64, u64), span: SimSpan) {
    cell.0 += 1;
    cell.1 += span.as_micros();
}
