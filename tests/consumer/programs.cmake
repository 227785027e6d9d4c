add_executable(play ../play.cpp)
target_link_libraries(play PRIVATE lofi::lofi)

add_executable(play_exact ../play.cpp)
target_link_libraries(play_exact PRIVATE lofi::exact)

if(TRAIN)
    add_executable(train ../train.cpp)
    target_link_libraries(train PRIVATE lofi::train)
endif()
