export function double(numbers) {
  return numbers.recv() * 2;
}
