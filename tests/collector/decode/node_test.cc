// SPDX-License-Identifier: MIT
#include "collector/decode/node.h"

#include <gtest/gtest.h>

namespace cistern::collector {
namespace {

TEST(NodeArena, GivesNoMoreNodesThanAllowedUntilReset) {
    NodeArena arena(3);
    EXPECT_NE(arena.make(NodeKind::Int), nullptr);
    EXPECT_NE(arena.make(NodeKind::Int), nullptr);
    EXPECT_NE(arena.make(NodeKind::Int), nullptr);
    EXPECT_EQ(arena.make(NodeKind::Int), nullptr);
    EXPECT_EQ(make_int(arena, 1), nullptr);
    arena.reset();
    EXPECT_EQ(arena.nodes(), 0U);
    EXPECT_NE(arena.make(NodeKind::Int), nullptr);
}

TEST(NodeArena, CopiesKeepTheirPlaceWhenMoreComes) {
    NodeArena arena;
    const std::string_view small = arena.copy("kitchen");
    const std::string_view large = arena.copy(std::string(1 << 20, 'x'));
    for (int i = 0; i < 1'000; ++i) {
        arena.copy("something else " + std::to_string(i));
    }
    EXPECT_EQ(small, "kitchen");
    EXPECT_EQ(large, std::string(1 << 20, 'x'));
    EXPECT_EQ(arena.copy(""), "");
}

TEST(Node, FindsTheLastMemberOfAName) {
    NodeArena arena;
    Node* object = arena.make(NodeKind::Object);
    Node* tail = nullptr;
    for (const int value : {1, 2, 3}) {
        Node* child = make_int(arena, value);
        child->key = value == 2 ? "other" : "same";
        NodeArena::append(*object, tail, child);
    }
    EXPECT_EQ(object->size, 3U);
    EXPECT_EQ(object->find("same")->integer, 3);
    EXPECT_EQ(object->find("other")->integer, 2);
    EXPECT_EQ(object->find("none"), nullptr);
    EXPECT_EQ(object->at(0)->integer, 1);
    EXPECT_EQ(object->at(3), nullptr);
    EXPECT_EQ(make_int(arena, 5)->find("same"), nullptr) << "a number has no members";
}

TEST(Node, NumbersAndTruthsAreDoubles) {
    NodeArena arena;
    EXPECT_EQ(make_int(arena, -5)->as_double(), -5);
    EXPECT_EQ(make_double(arena, 2.5)->as_double(), 2.5);
    Node* large = arena.make(NodeKind::UInt);
    large->unsigned_integer = UINT64_MAX;
    EXPECT_EQ(large->as_double(), 18446744073709551616.0);
    Node* truth = arena.make(NodeKind::Bool);
    truth->boolean = true;
    EXPECT_EQ(truth->as_double(), 1);
    EXPECT_EQ(make_text(arena, "7")->as_double(), 0);
}

}  // namespace
}  // namespace cistern::collector
