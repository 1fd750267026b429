use jiff::SignedDuration;
use outdial::domain::{InboundOrder, PacingMode};
use outdial::sim::{CampaignReport, blended_floor, by_hand_floor, run_floor, three_campaigns};

const PREDICTIVE: PacingMode = PacingMode::Predictive { lines_per_agent_max: 4.0 };

/// Three campaigns of the weights 6, 3 and 1 share thirty agents for four hours: each has about its
/// share of the talks, and none is over the limit.
#[test]
fn agents_are_shared_by_weight_and_nobody_starves() {
    for pacing in [PacingMode::Progressive, PREDICTIVE] {
        let report = run_floor(&three_campaigns(pacing, SignedDuration::from_hours(4)), 1);
        println!("{pacing:?}: utilisation {:.3}", report.utilisation);
        for campaign in &report.campaigns {
            println!(
                "  {}: share {:.3}, {} talks, abandoned {:.4}",
                campaign.name,
                campaign.share,
                campaign.talks,
                campaign.abandonment()
            );
        }
        for (campaign, share) in report.campaigns.iter().zip([0.6, 0.3, 0.1]) {
            let apart = (campaign.share - share).abs();
            assert!(apart < 0.08 && campaign.share > share / 2.0, "{campaign:?}");
            assert!(campaign.abandonment() <= 0.03, "{campaign:?}");
        }
    }
}

/// A campaign that dials ahead keeps its limit beside people who call in.
#[test]
fn who_is_called_beside_an_inbound_queue_is_abandoned_within_the_limit() {
    let (outbound, queue) = blended(InboundOrder::First, 1);
    assert!(outbound.abandonment() <= 0.03, "{outbound:?}");
    assert!(queue.people > 500 && outbound.talks > 300, "{queue:?} {outbound:?}");
}

/// Twenty agents for four hours, with some 200 people an hour who call in.
fn blended(order: InboundOrder, seed: u64) -> (CampaignReport, CampaignReport) {
    let floor = blended_floor(PREDICTIVE, order, 200.0, SignedDuration::from_hours(4));
    let report = run_floor(&floor, seed);
    let [outbound, queue] = &report.campaigns[..] else { panic!("{report:?}") };
    println!(
        "{order:?}: utilisation {:.3}, outbound abandoned {:.4}, {} callers, wait {:.2} s, \
         longest {:.1} s, lost {:.3}",
        report.utilisation,
        outbound.abandonment(),
        queue.people,
        queue.waits.mean_s(),
        queue.waits.longest_s,
        queue.abandonment()
    );
    (outbound.clone(), queue.clone())
}

/// A preview campaign and a broadcast on one floor: nobody is abandoned by either, and the broadcast
/// keeps its rate and its lines.
#[test]
fn what_is_dialed_by_hand_or_for_a_message_abandons_nobody() {
    let report = run_floor(&by_hand_floor(30.0, 12, SignedDuration::from_hours(2)), 1);
    let [preview, broadcast] = &report.campaigns[..] else { panic!("{report:?}") };
    println!("utilisation {:.3}\n{preview:?}\n{broadcast:?}", report.utilisation);
    assert!(preview.talks > 50 && preview.abandoned == 0, "{preview:?}");
    assert!(broadcast.messages > 300 && broadcast.abandoned == 0, "{broadcast:?}");
    assert!(broadcast.calls_up_max <= 12, "{broadcast:?}");
    assert!((3_000..=3_600).contains(&broadcast.dialed), "{broadcast:?}");
}
