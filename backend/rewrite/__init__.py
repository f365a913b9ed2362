"""Statements written differently by rule: each rule checks what must hold, and else refuses."""
