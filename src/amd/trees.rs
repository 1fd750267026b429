//! Boosted decision trees whose splits are data: what `scripts/amd/train_call.py` wrote.

/// One node: a leaf has no feature.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    feature: Option<usize>,
    /// The split's threshold; of a leaf what it adds.
    value: f32,
    left: usize,
    right: usize,
}

/// The sum of what all trees say, as log-odds.
#[derive(Clone, Debug, Default)]
pub(super) struct Trees {
    base: f32,
    nodes: Vec<Node>,
    /// Where each tree begins.
    roots: Vec<usize>,
}

impl Trees {
    /// Reads them: the base and how many trees; for each how many nodes; for each node its feature
    /// (-1 for a leaf) and value, and of a split how far on its two sides are. `None` where a number
    /// is missing or leads backwards.
    pub(super) fn read(numbers: &mut impl Iterator<Item = f32>) -> Option<Self> {
        let mut trees = Self { base: numbers.next()?, ..Self::default() };
        for _ in 0..numbers.next()? as usize {
            let root = trees.nodes.len();
            let count = numbers.next()? as usize;
            trees.roots.push(root);
            for _ in 0..count {
                let node = Self::node(trees.nodes.len(), numbers)?;
                (node.left.max(node.right) < root + count).then_some(())?;
                trees.nodes.push(node);
            }
        }
        Some(trees)
    }

    fn node(at: usize, numbers: &mut impl Iterator<Item = f32>) -> Option<Node> {
        let (feature, value) = (numbers.next()?, numbers.next()?);
        if feature < 0.0 {
            return Some(Node { feature: None, value, left: at, right: at });
        }
        let (left, right) = (at + numbers.next()? as usize, at + numbers.next()? as usize);
        (left > at && right > at).then_some(())?;
        Some(Node { feature: Some(feature as usize), value, left, right })
    }

    /// The log-odds of the features.
    pub(super) fn odds(&self, features: &[f32]) -> f32 {
        let leaf = |root: &usize| {
            let mut node = self.nodes.get(*root)?;
            while let Some(feature) = node.feature {
                let low = features.get(feature)? <= &node.value;
                node = self.nodes.get(if low { node.left } else { node.right })?;
            }
            Some(node.value)
        };
        self.base + self.roots.iter().filter_map(leaf).sum::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_splits_and_its_leaves_add_up() {
        let numbers = [0.5, 2.0, 3.0, 1.0, 2.5, 1.0, 2.0, -1.0, 1.0, -1.0, -1.0, 1.0, -1.0, 0.25];
        let trees = Trees::read(&mut numbers.into_iter()).unwrap();
        assert_eq!(trees.odds(&[0.0, 2.5]), 1.75);
        assert_eq!(trees.odds(&[0.0, 2.6]), -0.25);
    }

    #[test]
    fn trees_that_lead_astray_are_refused() {
        let backwards = [0.0, 1.0, 3.0, 0.0, 1.0, 0.0, 1.0, -1.0, 0.0, -1.0, 0.0];
        assert!(Trees::read(&mut backwards.into_iter()).is_none());
        let beyond = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 2.0];
        assert!(Trees::read(&mut beyond.into_iter()).is_none());
    }
}
