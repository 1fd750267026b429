//! The model, whose weights are data: a text file of numbers that `scripts/amd` wrote.

use std::sync::LazyLock;

use super::features::COUNT;
use super::trees::Trees;
use crate::domain::VerdictKind;

/// Who may speak: a person, or what the network of recordings tells apart, in the order of its outputs.
pub(super) const CLASSES: [VerdictKind; 5] = [
    VerdictKind::Human,
    VerdictKind::Machine,
    VerdictKind::Announcement,
    VerdictKind::Screener,
    VerdictKind::Music,
];

/// The widest layer that a network may have.
const WIDTH_MAX: usize = 64;

/// One layer: `outputs` sums over `inputs` numbers.
#[derive(Clone, Debug)]
struct Layer {
    inputs: usize,
    /// By output: the bias, then a weight for each input.
    weights: Vec<f32>,
}

/// Inputs are standardised, layers follow each other, a hyperbolic tangent between them.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// What is taken from each input, and what the rest is multiplied with.
    standard: Vec<(f32, f32)>,
    layers: Vec<Layer>,
}

impl Network {
    /// Reads the first network of the numbers: how many inputs; for each its mean and scale; how many
    /// layers; for each how many outputs and its weights. `None` where numbers are missing or a layer
    /// is too wide.
    pub(super) fn read(numbers: &mut impl Iterator<Item = f32>) -> Option<Self> {
        let mut inputs = Self::count(numbers)?;
        let standard = (0..inputs).map(|_| Some((numbers.next()?, numbers.next()?)));
        let standard = standard.collect::<Option<Vec<_>>>()?;
        let mut layers = Vec::new();
        for _ in 0..Self::count(numbers)? {
            let outputs = Self::count(numbers)?;
            let weights = (0..outputs * (inputs + 1)).map(|_| numbers.next());
            layers.push(Layer { inputs, weights: weights.collect::<Option<Vec<_>>>()? });
            inputs = outputs;
        }
        Some(Self { standard, layers })
    }

    fn count(numbers: &mut impl Iterator<Item = f32>) -> Option<usize> {
        let count = numbers.next()? as usize;
        (1..=WIDTH_MAX).contains(&count).then_some(count)
    }

    /// The mean of an input over the training calls.
    fn ordinary(&self, input: usize) -> f32 {
        self.standard.get(input).map_or(0.0, |(mean, _)| *mean)
    }

    /// What the last layer says of the inputs; what is missing counts as ordinary.
    pub(super) fn run(&self, inputs: &[f32], says: &mut [f32]) {
        let mut values = [0.0_f32; WIDTH_MAX];
        for ((value, input), (mean, scale)) in values.iter_mut().zip(inputs).zip(&self.standard) {
            *value = ((input - mean) * scale).clamp(-5.0, 5.0);
        }
        for (nth, layer) in self.layers.iter().enumerate() {
            let last = nth + 1 == self.layers.len();
            let mut next = [0.0_f32; WIDTH_MAX];
            for (out, row) in next.iter_mut().zip(layer.weights.chunks_exact(layer.inputs + 1)) {
                let (bias, weights) = (row[0], &row[1..]);
                let sum: f32 = weights.iter().zip(&values).map(|(a, b)| a * b).sum();
                *out = if last { bias + sum } else { (bias + sum).tanh() };
            }
            values = next;
        }
        says.iter_mut().zip(values).for_each(|(says, value)| *says = value);
    }
}

/// What ships: the network that tells voice, the trees that tell a person from a recording, and the
/// network that tells recordings apart.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub voice: Network,
    kinds: Network,
    trees: Trees,
}

impl Model {
    /// The probabilities of the [`CLASSES`].
    pub(super) fn classes(&self, features: &[f32; COUNT]) -> [f32; CLASSES.len()] {
        let recorded = 1.0 / (1.0 + (-self.trees.odds(features)).exp());
        let mut says = [0.0; CLASSES.len() - 1];
        self.kinds.run(features, &mut says);
        let most = says.iter().copied().fold(f32::MIN, f32::max);
        let weights = says.map(|says| (says - most).exp());
        let sum: f32 = weights.iter().sum();
        let mut classes = [1.0 - recorded; CLASSES.len()];
        for (class, weight) in classes[1..].iter_mut().zip(weights) {
            *class = recorded * weight / sum;
        }
        classes
    }

    /// The log-odds of a person against a recording.
    pub(super) fn person_odds(&self, features: &[f32; COUNT]) -> f32 {
        -self.trees.odds(features)
    }

    /// The mean of a feature over the training calls.
    pub(super) fn ordinary(&self, feature: usize) -> f32 {
        self.kinds.ordinary(feature)
    }

    fn read(text: &str) -> Option<Self> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut numbers = lines.flat_map(str::split_whitespace).map_while(|it| it.parse().ok());
        let (voice, kinds) = (Network::read(&mut numbers)?, Network::read(&mut numbers)?);
        Some(Self { voice, kinds, trees: Trees::read(&mut numbers)? })
    }
}

/// Read once for the process. That the file can be read is tested.
pub(super) static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let nothing = Network { standard: Vec::new(), layers: Vec::new() };
    let untrained = Model { voice: nothing.clone(), kinds: nothing, trees: Trees::default() };
    Model::read(include_str!("model.txt")).unwrap_or(untrained)
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amd::activity;

    #[test]
    fn the_shipped_weights_fit_what_they_weigh() {
        let model = Model::read(include_str!("model.txt")).unwrap();
        assert_eq!(model.voice.standard.len(), activity::INPUTS);
        assert_eq!(model.kinds.standard.len(), COUNT);
        let outputs = |network: &Network| {
            network.layers.last().map(|layer| layer.weights.len() / (layer.inputs + 1))
        };
        assert_eq!(outputs(&model.voice), Some(1));
        assert_eq!(outputs(&model.kinds), Some(CLASSES.len() - 1));
    }

    #[test]
    fn a_network_is_sums_and_tangents() {
        let mut numbers = [1.0, 2.0, 0.5, 2.0, 1.0, 0.25, 1.0, 1.0, 0.0, 2.0].into_iter();
        let network = Network::read(&mut numbers).unwrap();
        let mut says = [0.0];
        network.run(&[4.0], &mut says);
        assert!((says[0] - 2.0 * 1.25_f32.tanh()).abs() < 1e-6, "{}", says[0]);
        assert!(Network::read(&mut [1.0, 2.0].into_iter()).is_none());
    }
}
