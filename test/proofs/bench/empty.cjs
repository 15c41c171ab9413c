// The yardstick that does nothing: a protected function with a constant answer.
exports.handler = (_context, _event, callback) => callback(null, '<Response/>');
