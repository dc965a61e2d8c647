//! All names of a file, while it is put together: stations, groups and classes find each other here.

use super::format::RawNetwork;
use crate::reader::{At, Mistake, Place, Table};
use onetrip_sim::model::StationId;

/// Several stations under one name.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) stations: Vec<StationId>,
}

/// All names, while a file is put together.
pub(super) struct Hall<'a> {
    pub(super) table: &'a Table<'a>,
    pub(super) classes: Vec<&'a str>,
    /// Numbered names included.
    pub(super) stations: Vec<String>,
    pub(super) groups: Vec<Group>,
    pub(super) pause_kinds: Vec<String>,
    /// Some station's name could not be read, so nobody knows which do not exist.
    lacks_names: bool,
}

impl<'a> Hall<'a> {
    pub(super) fn new(table: &'a Table<'a>, raw: &RawNetwork, classes: Vec<&'a str>) -> Self {
        let (mut stations, mut groups) = (Vec::new(), Vec::new());
        for station in &raw.stations {
            let Some(name) = station.name.as_ref().map(|name| &name.value) else { continue };
            let Some(count) = station.count else {
                stations.push(name.clone());
                continue;
            };
            let first = stations.len();
            stations.extend((1..=count).map(|number| format!("{name}.{number}")));
            let members = (first..stations.len()).map(|place| StationId(place as u16)).collect();
            groups.push(Group { name: name.clone(), stations: members });
        }
        let names: Vec<At<String>> = raw.sources.iter().filter_map(|source| source.name.clone()).collect();
        table.distinct(&names, "source of customers");
        let lacks_names = raw.stations.iter().any(|station| station.name.is_none());
        Hall { table, classes, stations, groups, pause_kinds: Vec::new(), lacks_names }
    }

    pub(super) fn add_written_groups(&mut self, raw: &RawNetwork) {
        let stations = raw.stations.iter().filter_map(|station| station.name.as_ref());
        let names: Vec<At<String>> =
            stations.chain(raw.groups.iter().map(|group| &group.name)).cloned().collect();
        self.table.distinct(&names, "station or group");
        for group in &raw.groups {
            let members: Vec<Option<Vec<StationId>>> =
                group.stations.iter().map(|name| self.places(name)).collect();
            self.table.distinct(&group.stations, "station in this group");
            if let Some(members) = members.into_iter().collect::<Option<Vec<_>>>() {
                let stations = members.into_iter().flatten().collect();
                self.groups.push(Group { name: group.name.value.clone(), stations });
            }
        }
    }

    pub(super) fn station(&self, name: &At<String>) -> Option<StationId> {
        if let Some(group) = self.groups.iter().find(|group| group.name == name.value) {
            let mistake = Mistake::new(format!("`{}` is {} stations", name.value, group.stations.len()));
            let first = &self.stations[group.stations[0].index()];
            self.table.report(&name.place, mistake.accepted(format!("one of them, such as `{first}`")));
            return None;
        }
        let known: Vec<&str> = self.stations.iter().map(String::as_str).collect();
        if let Some(place) = known.iter().position(|known| *known == name.value) {
            return Some(StationId(place as u16));
        }
        self.report_unknown(name, &known);
        None
    }

    /// A station, or all of a group.
    pub(super) fn places(&self, name: &At<String>) -> Option<Vec<StationId>> {
        if let Some(group) = self.groups.iter().find(|group| group.name == name.value) {
            return Some(group.stations.clone());
        }
        if let Some(place) = self.stations.iter().position(|known| *known == name.value) {
            return Some(vec![StationId(place as u16)]);
        }
        let known: Vec<&str> = self
            .groups
            .iter()
            .map(|group| group.name.as_str())
            .chain(self.stations.iter().map(String::as_str))
            .collect();
        self.report_unknown(name, &known);
        None
    }

    pub(super) fn report_unknown(&self, name: &At<String>, known: &[&str]) {
        if self.lacks_names {
            return;
        }
        // Thirty departments are better named once.
        let mut shown: Vec<String> =
            known.iter().filter(|name| !name.contains('.')).map(|name| format!("`{name}`")).collect();
        shown.dedup();
        let mistake = Mistake::new(format!("there is no station `{}`", name.value)).of_absence();
        let mistake = mistake.accepted(shown.join(", ")).nearest(&name.value, known.iter().copied());
        self.table.report(&name.place, mistake);
    }

    pub(super) fn class(&self, name: &At<String>) -> Option<usize> {
        self.table.reference(name, "class", &self.classes)
    }

    /// One entry a class: those named, and `rest` for the others.
    pub(super) fn by_class<T: Clone>(
        &self,
        rest: Option<&T>,
        named: &[(At<String>, T)],
    ) -> Option<Vec<Option<T>>> {
        let mut all: Vec<Option<T>> = vec![rest.cloned(); self.classes.len()];
        let mut known = true;
        for (class, value) in named {
            match self.class(class) {
                Some(index) => all[index] = Some(value.clone()),
                None => known = false,
            }
        }
        known.then_some(all)
    }

    /// The place of a station in a list of stations.
    pub(super) fn member(&self, name: &At<String>, stations: &[StationId]) -> Option<usize> {
        let known: Vec<&str> =
            stations.iter().map(|station| self.stations[station.index()].as_str()).collect();
        self.table.reference(name, "station in this visit", &known)
    }

    /// Reports the classes that have no entry under a key.
    pub(super) fn complete<T>(&self, place: &Place, key: &str, entries: Vec<Option<T>>) -> Option<Vec<T>> {
        let missing: Vec<&str> = entries
            .iter()
            .zip(&self.classes)
            .filter(|(entry, _)| entry.is_none())
            .map(|(_, name)| *name)
            .collect();
        if !missing.is_empty() {
            let mistake = Mistake::missing(format!("{key} says nothing of class `{}`", missing.join("`, `")));
            self.table.report(place, mistake.accepted("an entry for every class"));
        }
        entries.into_iter().collect()
    }
}
