use jiff::SignedDuration;
use outdial::call::CallEvent;
use outdial::dialer::{Input, Message, Output};
use outdial::domain::{CallId, MachineRule, Outcome};
use outdial::sim::{Spread, World};

use crate::shift::{busy, for_seeds};

/// The message begins when the greeting is over and at no other time; machines whose greeting has no
/// end within the limit, or that hang up first, have none; no agent ever hears one.
#[test]
fn a_machine_is_left_its_message_after_the_beep() {
    for_seeds(1..4, |seed| {
        let mut scenario = busy(seed, 10);
        scenario.campaign.answers.machine = MachineRule::LeaveMessage;
        scenario.campaign.answers.greeting_max = SignedDuration::from_secs(20);
        scenario.callees.machine_greeting = Spread::of(14.0, 7.0);
        let mut world = World::new(scenario);
        world.record();
        let ends_at = world.ends_at() + SignedDuration::from_mins(10);
        let mut played = 0;
        while world.now() < ends_at {
            let Some(outputs) = world.step() else { break };
            let begun: Vec<CallId> = outputs.iter().filter_map(voicemail).collect();
            let facts = world.take_record();
            world.record();
            for call in begun {
                played += 1;
                let beep = |(_, fact): &(_, Input)| matches!(fact, Input::Call(of, CallEvent::GreetingOver(_)) if *of == call);
                assert!(facts.iter().any(beep), "call {call} is played to without a beep");
            }
        }
        assert_eq!(world.faults(), Vec::<String>::new());
        let outcomes = world.outcomes();
        let of = |outcome| outcomes.get(&outcome).copied().unwrap_or(0);
        let (left, none) = (of(Outcome::MessageLeft), of(Outcome::AnsweringMachine));
        println!("{played} begun, {left} left, {none} machines without a message");
        assert!(left > 100 && none > 10 && left <= played, "{outcomes:?}");
    });
}

fn voicemail(output: &Output) -> Option<CallId> {
    match output {
        Output::Play(call, Message::Voicemail) => Some(*call),
        _ => None,
    }
}
