const one = require("./circle-one.cjs");
exports.early = "both" in one;
exports.seen = () => typeof one.both;
