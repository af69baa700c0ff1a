const { chan, go } = require("gort");
const ch = chan();
go(() => ch.send(1));
exports.value = ch.recv();
