"""The words that generated names are made of; loaded when the first name is made.

One text per kind, split at the first use: cheaper to load than a list of strings.
"""

from functools import cache

__all__ = ["adjectives", "nouns"]


@cache
def adjectives() -> tuple[str, ...]:
    """Give the words that say how something is."""
    return tuple(_ADJECTIVES.split())


@cache
def nouns() -> tuple[str, ...]:
    """Give the words that name something: animals."""
    return tuple(_NOUNS.split())


_ADJECTIVES = """
able active adept agile airy alert amber ample ancient apt aquatic arctic ardent artful astute
atomic august austere autumn avid awake azure balanced balmy basic beaming bold bouncy brave
breezy brief bright brisk bronze bubbly busy calm candid careful caring casual cheerful chic
chosen civic classic clean clear clever coastal colorful compact cool copper coral cosmic cozy
crafty creamy crimson crisp curious curly cyan dainty dapper daring dazzling dear deep deft
delicate devoted diligent direct discreet dreamy dry dusky dynamic eager early earnest earthy
easy eclectic elastic electric elegant elite emerald eminent endless energetic enigmatic epic
even exact exotic expert fabled fair faithful famous fancy fearless festive fiery fine firm fit
fleet flexible fluent fluffy flying fond free fresh friendly frosty frugal gallant generous
gentle genuine gifted glad gleaming glossy golden graceful grand grateful great green grounded
hairy handy happy hardy harmonic hazel hearty helpful heroic honest hopeful humble hushed icy
ideal idyllic immense indigo inventive iridescent ivory jade jaunty jolly jovial joyful jubilant
keen kind kindly large lavender leafy lean legal level light lilac limber lively logical lone
loud lovely loyal lucid lucky lunar lush lyrical magenta magic magnetic majestic marble marine
maroon meek mellow merry mighty mild mindful mint misty modest mossy musical mystic native
natural neat nifty nimble noble nocturnal novel oaken obliging olive onyx opal open optimal
orange orderly organic original pacific painted patient peaceful pearl peppy perky petite placid
playful pleasant plucky plum plush poetic polished polite precise pretty prime pristine prompt
proud prudent puffy punctual purple quaint quick quiet quirky radiant rapid rare ready real
refined regal relaxed reliable resolute rich robust rosy round royal ruby rustic sage sandy
sapphire satin savvy scarlet secure sensible serene sharp shining shiny silent silky silver
simple sincere sleek sleepy slender smart smiling smooth snappy snowy soaring social soft solar
solid sonic spacious sparkling special spirited splendid spry stable stately steadfast steady
stellar sterling stoic strong sturdy subtle sunny super superb supple sure sweet swift tactful
talented tall tan tangy teal tender thankful thorough thoughtful tidy timely tiny topaz tranquil
true trusty turquoise ultra unique upbeat urban useful utopian valiant vast velvet verdant
versatile vibrant vigilant violet vital vivid vocal wandering warm watchful wavy wealthy
whimsical wild willing windy winged wise wistful witty wonderful woodsy worthy young youthful
zany zealous zesty
"""

_NOUNS = """
aardvark abalone adder agouti albatross alpaca anaconda anchovy angelfish anole ant anteater
antelope armadillo auk avocet axolotl baboon badger bandicoot barbet barnacle barracuda bass bat
beagle bear beaver bee beetle beluga bison bittern blackbird boa boar bobcat bongo bonobo bream
budgie buffalo bullfinch bumblebee bunting bushbaby bustard butterfly buzzard caiman camel
canary capybara caracal caribou cassowary cat caterpillar catfish chameleon chamois cheetah
chickadee chihuahua chimpanzee chinchilla chipmunk cicada civet clam coati cobra cockatoo cod
collie condor coot corgi cormorant cougar coyote crab crane crayfish cricket crocodile crow
cuckoo curlew dachshund deer dingo dodo dogfish dolphin donkey dormouse dove dragonfly duck
dugong dunlin eagle earthworm echidna eel egret eider eland elephant elk emu ermine falcon
ferret finch firefly flamingo flounder flycatcher fossa fox frog fulmar gannet gar gazelle gecko
gerbil gharial gibbon giraffe gnat gnu goat goldfinch goldfish goose gopher gorilla goshawk
grasshopper grebe greyhound grouper grouse guanaco guillemot gull guppy haddock halibut hamster
hare harrier hawk hedgehog hen heron herring hippo honeybee hoopoe hornbill hornet horse hound
hummingbird husky hyena hyrax ibex ibis iguana impala jacana jackal jackdaw jackrabbit jaguar
jay jellyfish jerboa junco kagu kakapo kangaroo kestrel kingfisher kinkajou kite kittiwake kiwi
koala kodkod koi kookaburra kouprey krill kudu labrador ladybug lamprey lapwing lark lemming
lemur leopard limpet ling linnet lion lizard llama lobster locust loon lorikeet loris lynx
lyrebird macaque macaw mackerel magpie mallard mammoth manatee mandrill manta mantis margay
marlin marmoset marmot marten mastiff meerkat merlin mink minnow mockingbird mole mollusk
mongoose moose moth mouflon mouse mule muskox muskrat mussel narwhal nautilus newt nighthawk
nightingale numbat nuthatch nyala ocelot octopus okapi olm opossum orangutan orca oriole oryx
osprey ostrich otter owl ox oyster panda pangolin panther parakeet parrot partridge peacock
pelican penguin perch petrel pheasant pigeon pika pike pipit platypus plover polecat pony poodle
porcupine porpoise possum prawn ptarmigan pudu puffin pug puma python quail quetzal quokka quoll
rabbit raccoon ram raven ray redstart reindeer rhea rhino robin rook rooster saiga salamander
salmon sambar sandpiper sardine scallop scorpion seagull seahorse seal serval shark sheep shrew
shrike shrimp siskin skink skylark sloth snail snake snipe sparrow spider spoonbill squid
squirrel starfish starling stingray stoat stork sturgeon swallow swan swordfish tahr takin
tamarin tanager tapir tarpon tarsier tenrec termite tern terrapin tetra thrush tiger toad
tortoise toucan trout tuna turaco turkey turtle unicorn urchin vicuna viper vole vulture wallaby
walrus warbler warthog wasp waxwing weasel whale whippet whippoorwill wildcat wolf wolverine
wombat woodcock woodlark woodpecker wren yak zebra zebu
"""
