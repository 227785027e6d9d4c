// The work is done when this links: beside it stands one translation unit for each header.
int main() {}
