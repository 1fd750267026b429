//! `--plot`: curves with their intervals, as an SVG.

use plotters::chart::{ChartBuilder, SeriesLabelPosition};
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Polygon};
use plotters::prelude::{IntoLogRange, SVGBackend};
use plotters::series::{DashedLineSeries, LineSeries};
use plotters::style::{BLACK, Color, RGBColor, ShapeStyle, WHITE};

use super::interval::Interval;
use crate::cli::Fault;

const WIDTH: u32 = 900;
/// Of one panel.
const HEIGHT: u32 = 320;
const FONT: &str = "sans-serif";

/// Told apart also by who sees no red or green (Okabe and Ito, 2008).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(90, 90, 90),
];

/// One curve.
pub struct Curve {
    /// What it is of.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<(f64, Interval)>,
}

/// Curves over the same quantity.
pub struct Panel {
    /// The quantity, with its unit.
    pub quantity: String,
    /// The curves.
    pub curves: Vec<Curve>,
    /// A value that is not to be exceeded.
    pub limit: Option<f64>,
    /// What the quantity cannot be above, whatever an interval says.
    pub most: f64,
}

/// A picture: panels one below the other, over the same axis.
pub struct Picture {
    /// The heading.
    pub title: String,
    /// What runs to the right, with its unit.
    pub across: String,
    /// Whether it runs by factors.
    pub by_factors: bool,
    /// From top to bottom.
    pub panels: Vec<Panel>,
}

type Area<'t> = DrawingArea<SVGBackend<'t>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error + Send + Sync>>;

impl Picture {
    /// The SVG.
    ///
    /// # Errors
    /// [`Fault::Failed`] when it cannot be drawn.
    pub fn svg(&self) -> Result<String, Fault> {
        let mut svg = String::new();
        {
            let size = (WIDTH, 40 + HEIGHT * self.panels.len() as u32);
            let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
            self.draw(&root).map_err(|error| Fault::failed(format!("the plot: {error}")))?;
        }
        Ok(svg)
    }

    fn draw(&self, root: &Area<'_>) -> Drawn {
        root.fill(&WHITE)?;
        let below = root.margin(10, 0, 0, 0).titled(&self.title, (FONT, 20))?;
        let (least, most) = self.across();
        for (panel, area) in self.panels.iter().zip(below.split_evenly((self.panels.len(), 1))) {
            if self.by_factors {
                self.panel(panel, &area, (least..most).log_scale())?;
            } else {
                self.panel::<RangedCoordf64>(panel, &area, least..most)?;
            }
        }
        root.present()?;
        Ok(())
    }

    fn panel<X>(
        &self,
        panel: &Panel,
        area: &Area<'_>,
        across: impl AsRangedCoord<CoordDescType = X, Value = f64>,
    ) -> Drawn
    where
        X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let (least, most) = panel.bounds();
        let (from, to) = self.across();
        let mut chart = ChartBuilder::on(area)
            .margin(10)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(across, least..most)?;
        chart
            .configure_mesh()
            .x_desc(&self.across)
            .y_desc(&panel.quantity)
            .x_label_formatter(&|x| plain(*x))
            .label_style((FONT, 13))
            .max_light_lines(0)
            .bold_line_style(BLACK.mix(0.12))
            .draw()?;
        if let Some(limit) = panel.limit {
            let line = ShapeStyle::from(BLACK.mix(0.6)).stroke_width(1);
            let ends = [(from, limit), (to, limit)];
            chart.draw_series(DashedLineSeries::new(ends, 6, 4, line))?;
        }
        for (curve, colour) in panel.curves.iter().zip(COLOURS.iter().cycle()) {
            chart.draw_series(std::iter::once(curve.band(*colour, panel.most)))?;
            let line = curve.points.iter().map(|(x, y)| (*x, y.mean));
            chart
                .draw_series(LineSeries::new(line, colour.stroke_width(2)))?
                .label(curve.name.clone())
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2))
                });
        }
        chart
            .configure_series_labels()
            .position(panel.free_corner())
            .background_style(WHITE.mix(0.8))
            .label_font((FONT, 13))
            .draw()?;
        Ok(())
    }

    /// From the first to the last point of all curves.
    fn across(&self) -> (f64, f64) {
        let curves = self.panels.iter().flat_map(|panel| &panel.curves);
        let points = || curves.clone().flat_map(|curve| curve.points.iter().map(|(x, _)| *x));
        let (least, most) = (points().fold(f64::MAX, f64::min), points().fold(f64::MIN, f64::max));
        if least < most { (least, most) } else { (most - 0.5, most + 0.5) }
    }
}

impl Panel {
    /// The upper corner that the curves leave freer.
    fn free_corner(&self) -> SeriesLabelPosition {
        let highest = |ends: &mut dyn Iterator<Item = &(f64, Interval)>| {
            ends.map(|(_, y)| y.mean).fold(f64::MIN, f64::max)
        };
        let left = highest(&mut self.curves.iter().filter_map(|curve| curve.points.first()));
        let right = highest(&mut self.curves.iter().filter_map(|curve| curve.points.last()));
        let (least, most) = self.bounds();
        if left.min(right) > (least + most) / 2.0 {
            SeriesLabelPosition::LowerRight
        } else if left < right {
            SeriesLabelPosition::UpperLeft
        } else {
            SeriesLabelPosition::UpperRight
        }
    }

    /// From a little under the lowest to a little above the highest value.
    fn bounds(&self) -> (f64, f64) {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let half = |y: &Interval| y.half.unwrap_or(0.0);
        let lows = points().map(|(_, y)| y.mean - half(y)).chain(self.limit);
        let highs = points().map(|(_, y)| (y.mean + half(y)).min(self.most)).chain(self.limit);
        let (least, most) = (lows.fold(f64::MAX, f64::min), highs.fold(f64::MIN, f64::max));
        let room = ((most - least) * 0.08).max(0.1);
        ((least - room).max(0.0), most + room)
    }
}

impl Curve {
    /// The interval, from left to right above and back below.
    fn band(&self, colour: RGBColor, most: f64) -> Polygon<(f64, f64)> {
        let edge = |x: f64, y: &Interval, sign: f64| {
            (x, (y.mean + sign * y.half.unwrap_or(0.0)).clamp(0.0, most))
        };
        let above = self.points.iter().map(|(x, y)| edge(*x, y, 1.0));
        let below = self.points.iter().rev().map(|(x, y)| edge(*x, y, -1.0));
        Polygon::new(above.chain(below).collect::<Vec<_>>(), colour.mix(0.18))
    }
}

/// Without digits that say nothing.
fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(by_factors: bool) -> Picture {
        let y = |mean| Interval { mean, half: Some(0.5) };
        let curve = |name: &str, lift: f64| Curve {
            name: name.to_owned(),
            points: vec![(5.0, y(70.0 + lift)), (50.0, y(80.0 + lift)), (300.0, y(85.0 + lift))],
        };
        let panel = Panel {
            quantity: "utilisation %".to_owned(),
            curves: vec![curve("progressive", 0.0), curve("predictive", 9.0)],
            limit: Some(90.0),
            most: 100.0,
        };
        Picture {
            title: "S0".to_owned(),
            across: "agents".to_owned(),
            by_factors,
            panels: vec![panel],
        }
    }

    #[test]
    fn a_picture_names_its_curves_and_axes() {
        for by_factors in [false, true] {
            let svg = picture(by_factors).svg().unwrap();
            for word in ["S0", "agents", "utilisation %", "progressive", "predictive"] {
                assert!(svg.contains(word), "{word}: {svg}");
            }
            assert!(svg.trim_end().ends_with("</svg>"));
            assert_eq!(svg.matches("<polygon").count(), 2, "an interval a curve");
        }
    }

    #[test]
    fn one_point_is_a_picture_too() {
        let mut picture = picture(false);
        picture.panels[0].curves.iter_mut().for_each(|curve| curve.points.truncate(1));
        assert!(picture.svg().is_ok());
    }
}
