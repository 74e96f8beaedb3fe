-- dialect: postgresql
CREATE TABLE sale (
    number   bigint        NOT NULL,
    sku      text          NOT NULL,
    customer text          NOT NULL,
    day      date          NOT NULL,
    quantity integer       NOT NULL,
    price    numeric(10,2) NOT NULL,
    PRIMARY KEY (number, sku)
);

COMMENT ON TABLE sale IS 'What was sold, line by line.';
