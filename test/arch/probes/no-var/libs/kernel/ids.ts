export var id = 1;
