{
  id: (.carrier + (.flight | tostring) + "-" + .origin),
  carrier: .carrier,
  number: .flight,
  route: { from: .origin, to: .dest },
  distance_km: (.distance * 1.609344),
  status: (if has("dep_time") then "departed" else "cancelled" end),
  delay_minutes: (.dep_delay // 0),
  late: ((.dep_delay // 0) > 15)
}
