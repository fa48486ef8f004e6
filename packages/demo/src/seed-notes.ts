type Seed = readonly [title: string, body: string];

const GARDEN: readonly Seed[] = [
  ['Prune the pear tree', 'Only the crossing branches this year, it fruited well on the old wood.'],
  ['Tomato seedlings', 'Harden off from Monday. The yellow ones go against the south wall.'],
  ['Compost delivery', 'Two bulk bags on Thursday before ten, leave the side gate unlocked.'],
  ['Hive inspection', 'Queen seen on frame four, brood in a good pattern, second super added.'],
  ['Slug traps', 'Beer traps work, the copper tape does not.'],
  ['Seed order', 'Broad beans, chard, two packets of nasturtium, one of dill.'],
  ['Greenhouse pane', 'Bottom left is cracked. 610 by 457 mm, horticultural glass.'],
  ['Rain barrel', 'The tap drips; needs a new washer, half inch.'],
  ['Roses', 'Feed after the first flush, deadhead to the second leaf.'],
  ['Allotment meeting', 'Wednesday at seven. Ask about the waiting list and the water rota.'],
  ['Raspberry canes', 'Cut the fruited ones to the ground, tie in six new shoots a metre.'],
  ['Soil test', 'pH 6.4, low on potash. Wood ash in the autumn.'],
  ['Lavender hedge', 'Trim right after flowering, never into old wood.'],
  ['Bean poles', 'Hazel from the coppice, eight feet, twelve of them.'],
  ['Honey jars', 'Order four dozen, hexagonal, and labels with room for the batch number.'],
  ['Frost warning', 'Fleece over the potatoes on Saturday night.'],
  ['Pond', 'Thin the oxygenating weed but leave it on the edge for a night.'],
  ['Apple varieties', 'Ribston Pippin for the corner, a Bramley needs two pollinators.'],
  ['Garlic', 'Lift when the lower leaves yellow, dry for three weeks.'],
  ['Shed roof', 'Felt is torn at the ridge. Measure before buying.'],
  ['Swap at the fair', 'Bring spare courgette plants, take home a fig cutting.'],
  ['Watering while away', 'Neighbour has the key: pots daily, beds every other day.'],
  ['Wasp nest', 'In the bank behind the cold frame, leave it, they eat the aphids.'],
  ['Tulips', 'Lift the mixed ones, keep the white ones in place.'],
  ['Path', 'Half a tonne of gravel and a roll of membrane.'],
  ['Mulch', 'Leaf mould on the shade border, straw round the strawberries.'],
  ['Rhubarb', 'No picking after July, give it a barrow of manure.'],
  ['Bird boxes', 'Clean out in October, the hole of the small one is 25 mm.'],
  ['Sharpen secateurs', 'And oil the spring. The shears can wait.'],
  ['Plan for spring', 'Beans where the cabbages were, cabbages where the peas were.'],
];

const WORKSHOP: readonly Seed[] = [
  ['True the rear wheel', 'Two millimetres out on the drive side, check spoke tension after.'],
  ['Chain', 'Eleven speed, 116 links. The old one measured 0.75 percent.'],
  ['Oak for the bench', 'Three boards, 50 mm, let them rest a fortnight before planing.'],
  ['Bottom bracket', 'Creaks under load. Threaded adapter came, tool is on loan.'],
  ['Glue-up', 'Four clamps are too few. Dry run first.'],
  ['Tubeless tyres', 'Sixty millilitres of sealant each, bead seats at 40 psi.'],
  ['Plane iron', 'Regrind to 25 degrees, hone to 30.'],
  ['Sunday ride', 'Over the pass and back by the lake, 84 km, leave at seven.'],
  ['Brake pads', 'Resin for the front, sintered for the back.'],
  ['Dust extractor', 'The bag is full and the hose needs a 100 mm clip.'],
  ['Frame paint', 'RAL 5011, two coats of clear, a week to cure.'],
  ['Dovetails', 'Six to one for the drawers, mark from the inside face.'],
  ['Dynamo light', 'Cable runs inside the fork, connector at the crown.'],
  ['Finish for the table', 'Hard wax oil, two thin coats, buff after twenty minutes.'],
  ['Spokes', 'Order thirty-two, 292 mm, and brass nipples.'],
  ['Router bit', 'The half-inch spiral is chipped.'],
  ['Saddle height', '74.5 cm from the centre, a touch forward.'],
  ['Lathe belt', 'Slips on the highest speed. Poly-V, 1194 mm.'],
  ['Train with bikes', 'Reserve two places for the 8:12.'],
  ['Chair repair', 'Steam the rung out, hide glue, wind with cord overnight.'],
  ['Bar tape', 'Black cork, start at the drops, wind outwards.'],
  ['Sharpening stones', 'Flatten the 1000 before the 6000.'],
  ['Puncture kit', 'Patches are used up, the levers are in the other bag.'],
  ['Plywood sheet', 'Birch, 18 mm, cut at the yard: 1200 by 600 twice.'],
  ['Headset', 'Lower bearing is rough, 41.8 by 8 by 45.'],
  ['Vice jaws', 'Line with leather, contact adhesive.'],
  ['Winter bike', 'Mudguards, and wider tyres from November.'],
  ['Tool wall', 'French cleat, 15 mm ply, start with the saws.'],
  ['Pedal threads', 'Left one is reversed. Grease both.'],
  ['Club tools', 'Torque wrench goes back on Friday.'],
];

// Titles and signatures tell whose a note is, for people and for tests.
const SEEDS: Record<string, { theme: string; signature: string; notes: readonly Seed[] }> = {
  alice: { theme: 'Garden', signature: 'Alice', notes: GARDEN },
  bob: { theme: 'Workshop', signature: 'Bob', notes: WORKSHOP },
};

/** Returns what a user has written before the demo started, newest first. */
export function seedNotesOf(sub: string): { title: string; body: string }[] {
  const seed = SEEDS[sub];
  if (!seed) return [];
  return seed.notes.map(([title, body]) => ({
    title: `${seed.theme}: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    body: `${body}\n— ${seed.signature}`,
  }));
}
