{
  number: ("i" + .id),
  placed_at: .placed_at,
  to: (.customer.name + " <" + .customer.email + ">")
}
+ (if .customer | has("city") then { city: .customer.city } else {} end)
+ {
  currency: .currency,
  positions: [.lines[] | { article: .sku, count: .quantity, amount: (.quantity * .price) }],
  total: ([.lines[] | .quantity * .price] | add),
  is_large: ((.lines | length) > 3)
}
