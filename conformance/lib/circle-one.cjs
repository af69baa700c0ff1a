exports.one = "one";
const two = require("./circle-two.cjs");
exports.both = () => `${two.seen()} ${two.early}`;
