//! Fields in every order, and what stands in for those that are not there.

use tenon_model::Key;

use super::{listed::MAX_FILLED, *};

/// Every fifth field is demanded, the next has a default, the one after that is not wanted, whether it has one or not, and the last
/// may be left out for null.
fn fields(count: usize) -> Vec<Listed> {
    let field = |at: usize| Listed {
        key: Key::from(format!("f{at}").as_str()),
        absent: match at % 5 {
            0 => Absent::Missing,
            1 => Absent::Default(Value::Int(-1)),
            2 if at.is_multiple_of(2) => Absent::Default(Value::Int(-2)),
            4 => Absent::Null,
            _ => Absent::Nothing,
        },
        is_wanted: at % 5 != 2,
    };
    (0..count).map(field).collect()
}

/// Whether the field is one that is filled in where it is absent, wanted or not.
fn has_default(at: usize) -> bool {
    at % 5 == 1 || at % 10 == 2
}

fn built(count: usize, order: &[usize]) -> (Vec<String>, Vec<String>) {
    let (fields, mut builder) = (fields(count), Builder::default());
    let mut frame = Builder::open(count, count);
    for at in order {
        let is_new = match fields[*at].is_wanted {
            true => builder.put(&mut frame, &fields, *at, Value::Int(i64::try_from(*at).unwrap())),
            false => builder.skip(&mut frame, &fields, *at),
        };
        assert!(is_new, "{at} of {order:?}");
    }
    assert_eq!(frame.count(), order.len());
    assert!((0..count).all(|at| frame.is_there(at) == order.contains(&at)));
    let missing = frame.absent(&fields).filter(|field| field.is_demanded());
    let missing = missing.map(|field| field.key.to_string()).collect();
    let mut passing = Builder::default();
    passing.pass(frame.absent(&fields)).unwrap();
    let map = builder.close(frame, &fields).unwrap();
    assert!(builder.places.is_empty());
    let filled = (0..count).filter(|at| has_default(*at) && !order.contains(at)).count();
    assert_eq!((builder.filled(), passing.filled()), (filled, filled), "{order:?} of {count}");
    (map.iter().map(|(key, value)| format!("{key}={value}")).collect(), missing)
}

/// What is to come of the fields in `order`, told without a builder.
fn told(count: usize, order: &[usize]) -> (Vec<String>, Vec<String>) {
    let value = |at: usize| match (order.contains(&at), at % 5) {
        (_, 2) => None,
        (true, _) => Some(format!("f{at}={at}")),
        (false, 1) => Some(format!("f{at}=-1")),
        (false, 4) => Some(format!("f{at}=null")),
        (false, _) => None,
    };
    let missing = (0..count).filter(|at| at.is_multiple_of(5) && !order.contains(at));
    ((0..count).filter_map(value).collect(), missing.map(|at| format!("f{at}")).collect())
}

#[test]
fn fields_of_any_order_come_into_that_of_the_contract() {
    for count in [1, 9, 64, 65, 200] {
        let all: Vec<usize> = (0..count).collect();
        let turned: Vec<usize> = all.iter().rev().copied().collect();
        let some: Vec<usize> = all.iter().filter(|at| *at % 3 == 1).copied().collect();
        let mut halves = all.split_at(count / 2).1.to_vec();
        halves.extend(&all[..count / 2]);
        let strided: Vec<usize> = (0..count).map(|at| at * 7 % count).collect();
        for order in [&all[..], &turned, &some, &halves, &strided, &[]] {
            let mut order = order.to_vec();
            let mut seen = std::collections::HashSet::new();
            order.retain(|at| seen.insert(*at));
            assert_eq!(built(count, &order), told(count, &order), "{order:?} of {count}");
        }
    }
}

#[test]
fn a_field_that_comes_twice_is_told_in_every_order() {
    let fields = fields(70);
    for order in [&[0, 1, 1][..], &[3, 0, 3], &[3, 0, 0], &[68, 69, 68], &[2, 3, 2], &[2, 2]] {
        let (mut builder, mut frame) = (Builder::default(), Builder::open(70, 70));
        let mut last = true;
        for at in order {
            assert!(last);
            last = match fields[*at].is_wanted {
                true => builder.put(&mut frame, &fields, *at, Value::Null),
                false => builder.skip(&mut frame, &fields, *at),
            };
        }
        assert!(!last, "{order:?}");
    }
}

/// What is built of fields whose order is known, and how many were filled.
fn planned<P: Planned>(fields: &[Listed], order: &[usize]) -> (Vec<String>, usize) {
    let mut builder = Builder::default();
    let mut record = P::open(&mut builder, fields.len());
    for at in order {
        record.set(&mut builder, fields, *at, Value::Int(i64::try_from(*at).unwrap()));
    }
    let map = record.finish(&mut builder, fields).unwrap();
    assert!(builder.places.is_empty());
    (map.iter().map(|(key, value)| format!("{key}={value}")).collect(), builder.filled())
}

#[test]
fn fields_whose_order_is_known_come_into_that_of_the_contract() {
    for (count, step) in [(1, 1), (9, 1), (70, 1), (9, 2), (70, 3)] {
        let fields = fields(count);
        for stride in [1, 11, 69] {
            let mut order: Vec<usize> = (0..count).map(|at| at * stride % count).collect();
            order.retain(|at| at % step == 0 && fields[*at].is_wanted);
            let filled = (0..count).filter(|at| has_default(*at) && !order.contains(at)).count();
            let expected = (told(count, &order).0, filled);
            assert_eq!(planned::<Placed>(&fields, &order), expected, "{order:?} of {count}");
            let known = Order::of(order.iter().copied(), count);
            if known != Order::Another {
                assert_eq!(planned::<InOrder>(&fields, &order), expected, "{order:?} of {count}");
            }
        }
    }
}

#[test]
fn a_field_that_is_there_and_not_wanted_is_not_filled_in_and_one_beside_the_others_comes_first() {
    let fields = fields(14);
    let mut builder = Builder::default();
    let mut record = InOrder::after(Some((Key::from("tag"), Value::Int(0))), fields.len());
    // The default of 2 does not count, since it is there; that of 12 does, and is not wanted.
    record.set(&mut builder, &fields, 0, Value::Int(0));
    record.skip(&mut builder, &fields, 2);
    record.set(&mut builder, &fields, 5, Value::Int(5));
    let map = record.finish(&mut builder, &fields).unwrap();
    let told: Vec<_> = map.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(told, ["tag=0", "f0=0", "f1=-1", "f4=null", "f5=5", "f6=-1", "f9=null", "f11=-1"]);
    assert_eq!(builder.filled(), 4);
}

#[test]
fn an_order_is_that_of_the_contract_with_all_fields_or_some_or_another_one() {
    let check = |positions: &[usize], expected: Order| {
        assert_eq!(Order::of(positions.iter().copied(), 3), expected, "{positions:?}");
    };
    check(&[0, 1, 2], Order::Complete);
    check(&[0, 2], Order::Partial);
    check(&[], Order::Partial);
    check(&[0, 2, 1], Order::Another);
    let fields: Vec<Listed> =
        fields(3).into_iter().map(|field| Listed { is_wanted: true, ..field }).collect();
    assert_eq!(planned::<Complete>(&fields, &[0, 1, 2]).0, ["f0=0", "f1=1", "f2=2"]);
}

#[test]
fn a_frame_that_was_never_closed_is_forgotten() {
    let (fields, mut builder) = (fields(5), Builder::default());
    let mut outer = Builder::open(5, 5);
    assert!(builder.put(&mut outer, &fields, 3, Value::Int(3)));
    assert!(builder.put(&mut outer, &fields, 0, Value::Int(0)));
    let mark = builder.mark();
    let mut inner = Builder::open(5, 5);
    assert!(builder.put(&mut inner, &fields, 4, Value::Int(4)));
    assert_eq!(builder.filled(), 2);
    assert!(builder.put(&mut inner, &fields, 0, Value::Int(9)));
    assert!(builder.put(&mut inner, &fields, 1, Value::Int(9)));
    builder.forget_since(mark);
    let map = builder.close(outer, &fields).unwrap();
    assert_eq!(map.iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>(), ["f0", "f1", "f3", "f4"]);
    assert_eq!(builder.filled(), 2);
}

/// How many records can be built before the limit is told.
fn most(fields: &[Listed], build: impl Fn(&mut Builder, &[Listed]) -> Result<(), Report>) -> usize {
    let mut builder = Builder::default();
    (0..).find(|_| build(&mut builder, fields).is_err()).unwrap()
}

#[test]
fn absent_fields_are_filled_up_to_a_limit_in_whatever_way_their_records_end() {
    let field = |at: usize| Listed {
        key: Key::from(format!("f{at}").as_str()),
        absent: Absent::Default(Value::Int(0)),
        is_wanted: at.is_multiple_of(2),
    };
    let fields: Vec<Listed> = (0..1_024).map(field).collect();
    // One of the fields is there.
    let expected = MAX_FILLED / 1_023;
    fn planned<P: Planned>(builder: &mut Builder, fields: &[Listed]) -> Result<(), Report> {
        let mut record = P::open(builder, fields.len());
        record.set(builder, fields, 1_022, Value::Null);
        record.finish(builder, fields).map(drop)
    }
    assert_eq!(most(&fields, planned::<InOrder>), expected);
    assert_eq!(most(&fields, planned::<Placed>), expected);
    let put = |builder: &mut Builder, fields: &[Listed]| {
        let mut frame = Builder::open(fields.len(), fields.len());
        builder.put(&mut frame, fields, 1_022, Value::Null);
        builder.close(frame, fields).map(drop)
    };
    assert_eq!(most(&fields, put), expected);
    let passed = |builder: &mut Builder, fields: &[Listed]| {
        let mut frame = Builder::unbuilt(fields.len());
        frame.sees(7);
        builder.pass(frame.absent(fields))
    };
    assert_eq!(most(&fields, passed), expected);
}
