//! A recording as a picture: waveform, posterior and decision.

use plotters::chart::ChartBuilder;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{PathElement, Rectangle};
use plotters::prelude::SVGBackend;
use plotters::series::LineSeries;
use plotters::style::{Color, RGBColor, WHITE};

use crate::cli::Fault;
use crate::domain::Verdict;

const SIZE: (u32, u32) = (900, 420);
const FONT: &str = "sans-serif";
/// Told apart also by who sees no red or green (Okabe and Ito, 2008).
const PERSON: RGBColor = RGBColor(0, 114, 178);
const RECORDED: RGBColor = RGBColor(213, 94, 0);
const WAVE: RGBColor = RGBColor(190, 190, 190);

/// The posterior at a moment.
pub(super) struct Moment {
    pub at_s: f64,
    pub person: f64,
    pub recorded: f64,
}

/// Draws it.
pub(super) fn svg(
    title: &str,
    samples: &[i16],
    course: &[Moment],
    verdict: Option<&Verdict>,
) -> Result<String, Fault> {
    let mut svg = String::new();
    draw(&mut svg, title, samples, course, verdict)
        .map_err(|error| Fault::failed(format!("the plot: {error}")))?;
    Ok(svg)
}

fn draw(
    svg: &mut String,
    title: &str,
    samples: &[i16],
    course: &[Moment],
    verdict: Option<&Verdict>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let heard_s = course.last().map_or(0.1, |moment| moment.at_s);
    let end_s = heard_s.max((samples.len() as f64 / 8_000.0).min(heard_s + 2.0)).max(0.1);
    let caption = verdict.map_or(title.to_owned(), |said| {
        let at_s = f64::from(said.at_ms) / 1_000.0;
        format!("{title}: {} ({:.0} %) at {at_s:.2} s", said.kind, said.probability * 100.0)
    });
    let mut chart = ChartBuilder::on(&root)
        .caption(caption, (FONT, 18))
        .margin(10)
        .x_label_area_size(36)
        .y_label_area_size(46)
        .build_cartesian_2d(0.0..end_s, 0.0..1.0)?;
    chart.configure_mesh().x_desc("s after the answer").y_desc("probability").draw()?;
    let bars = samples.chunks(80).enumerate().map(|(nth, chunk)| {
        let peak = chunk.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
        let half = f64::from(peak) / 65_536.0;
        let at_s = nth as f64 * 0.01;
        Rectangle::new([(at_s, 0.5 - half), (at_s + 0.01, 0.5 + half)], WAVE.filled())
    });
    let shown = (end_s * 100.0) as usize;
    chart.draw_series(bars.take(shown))?;
    let line = |of: fn(&Moment) -> f64| course.iter().map(move |moment| (moment.at_s, of(moment)));
    chart
        .draw_series(LineSeries::new(line(|moment| moment.person), PERSON.stroke_width(2)))?
        .label("person")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], PERSON.stroke_width(2)));
    chart
        .draw_series(LineSeries::new(line(|moment| moment.recorded), RECORDED.stroke_width(2)))?
        .label("recording")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], RECORDED.stroke_width(2)));
    if let Some(said) = verdict {
        let at_s = f64::from(said.at_ms) / 1_000.0;
        let mark =
            PathElement::new([(at_s, 0.0), (at_s, 1.0)], RGBColor(0, 158, 115).stroke_width(2));
        chart.draw_series([mark])?;
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .label_font((FONT, 14))
        .draw()?;
    root.present()?;
    drop(chart);
    Ok(())
}
