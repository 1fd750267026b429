//! How talks and wrap-ups end, by how long they have lasted.

use serde::{Deserialize, Serialize};

/// Events of its neighbours that an age is worth beside its own.
const NEIGHBOURS: f64 = 4.0;

/// Events that the common rate is worth.
const COMMON: f64 = 2.0;

/// The rate of ends by age, in ages that grow.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Hazard {
    /// The first age lasts this long; each is longer than the one before by `growth`. Seconds.
    first_s: f64,
    growth: f64,
    memory: f64,
    usual_s: f64,
    ends: Vec<f64>,
    exposure_s: Vec<f64>,
    #[serde(skip)]
    rates: Vec<f64>,
    /// The place of each second.
    #[serde(skip)]
    places: Vec<u8>,
}

impl Hazard {
    /// Nothing known but how long it usually lasts. `memory`: ends after which an old one has lost
    /// two thirds of its weight.
    pub fn new(ages: usize, first_s: f64, growth: f64, usual_s: f64, memory: f64) -> Self {
        let (ends, exposure_s) = (vec![0.0; ages], vec![0.0; ages]);
        let mut hazard = Self {
            first_s,
            growth,
            memory,
            usual_s,
            ends,
            exposure_s,
            rates: Vec::new(),
            places: Vec::new(),
        };
        hazard.build();
        hazard
    }

    /// The place of an age.
    pub fn place(&self, age_s: f64) -> usize {
        let second = (age_s.max(0.0) as usize).min(self.places.len() - 1);
        usize::from(self.places[second])
    }

    fn places(&self) -> Vec<u8> {
        let last = self.ends.len() - 1;
        let place = |second: usize| {
            let grown = 1.0 + (second as f64 + 0.5) * (self.growth - 1.0) / self.first_s;
            ((grown.ln() / self.growth.ln()) as usize).min(last)
        };
        (0..).map(place).take_while(|place| *place < last).chain([last]).map(|p| p as u8).collect()
    }

    /// The middle of the ages at that place. Seconds.
    pub fn middle_s(&self, place: usize) -> f64 {
        let edge =
            |place: f64| self.first_s * (self.growth.powf(place) - 1.0) / (self.growth - 1.0);
        (edge(place as f64) + edge(place as f64 + 1.0)) / 2.0
    }

    /// How many ages.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// One has lasted `s` more, at that age.
    pub fn lasts(&mut self, age_s: f64, s: f64) {
        let place = self.place(age_s);
        self.exposure_s[place] += s;
    }

    /// One has ended at that age.
    pub fn ends(&mut self, age_s: f64) {
        let keep = 1.0 - 1.0 / self.memory;
        self.ends.iter_mut().for_each(|ends| *ends *= keep);
        self.exposure_s.iter_mut().for_each(|s| *s *= keep);
        let place = self.place(age_s);
        self.ends[place] += 1.0;
    }

    /// Makes the rates anew.
    pub fn build(&mut self) {
        if self.places.is_empty() {
            self.places = self.places();
        }
        let (ends, time): (f64, f64) = (self.ends.iter().sum(), self.exposure_s.iter().sum());
        let common = (ends + COMMON) / (time + COMMON * self.usual_s);
        let ages = self.ends.len();
        self.rates = (0..ages)
            .map(|place| {
                let near = place.saturating_sub(2)..(place + 3).min(ages);
                let ends: f64 = self.ends[near.clone()].iter().sum();
                let time: f64 = self.exposure_s[near].iter().sum();
                let around = (ends + COMMON) / (time + COMMON / common);
                (self.ends[place] + NEIGHBOURS) / (self.exposure_s[place] + NEIGHBOURS / around)
            })
            .collect();
    }

    /// Ends a second at that age.
    pub fn rate(&self, age_s: f64) -> f64 {
        self.rates.get(self.place(age_s)).copied().unwrap_or(1.0 / self.usual_s)
    }
}
